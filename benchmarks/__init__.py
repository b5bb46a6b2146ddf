"""asv's view of the registry. asv imports every module here, so nothing else belongs into this folder."""
