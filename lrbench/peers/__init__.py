"""What a user would pick instead, one library a file, each with the settings that its own documentation recommends."""
