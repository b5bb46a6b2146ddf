! c = a + b in Fortran: by a loop, and by the language's own array expression.
!
! Usage: add N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.
! Build: gfortran -O3 -march=native -cpp -DFLAGS='"-O3 -march=native"' add.f90 -o add

#ifndef FLAGS
#define FLAGS ""
#endif

module methods
  use, intrinsic :: iso_fortran_env, only: int64, real64
  implicit none

  ! A compiler does not know which element may be written before a call, nor which is read after it, so that it can
  ! neither fold calls in a row into one nor drop them.
  integer(int64), volatile :: position = 1
  real(real64), volatile :: seen = 0

contains

  subroutine add_loop(n, a, b, c)
    integer(int64), intent(in) :: n
    real(real64), intent(in) :: a(n), b(n)
    real(real64), allocatable, intent(inout) :: c(:)
    integer(int64) :: i
    do i = 1, n
      c(i) = a(i) + b(i)
    end do
  end subroutine

  subroutine add_whole(n, a, b, c)
    integer(int64), intent(in) :: n
    real(real64), intent(in) :: a(n), b(n)
    real(real64), allocatable, intent(inout) :: c(:)
    c(:) = a + b
  end subroutine

  subroutine add_whole_new(n, a, b, c)
    integer(int64), intent(in) :: n
    real(real64), intent(in) :: a(n), b(n)
    real(real64), allocatable, intent(inout) :: c(:)
    deallocate (c)
    c = a + b
  end subroutine

  function seconds(adder, a, b, c, calls) result(passed)
    procedure(add_loop) :: adder
    real(real64), contiguous, intent(inout) :: a(:)
    real(real64), contiguous, intent(in) :: b(:)
    real(real64), allocatable, intent(inout) :: c(:)
    integer(int64), intent(in) :: calls
    real(real64) :: passed
    integer(int64) :: start, finish, rate, k, n
    n = size(a, kind=int64)
    call system_clock(start, rate)
    do k = 1, calls
      if (seen > huge(seen) / 2) a(position) = seen
      call adder(n, a, b, c)
      seen = c(position)
    end do
    call system_clock(finish)
    passed = real(finish - start, real64) / real(rate, real64)
  end function

end module

program add
  use, intrinsic :: iso_fortran_env, only: compiler_version, error_unit, int64, real64
  use methods
  implicit none

  character(64) :: word, wanted
  integer(int64) :: n, repetitions, seed
  real(real64), allocatable :: a(:), b(:), c(:)
  logical :: found

  if (command_argument_count() < 3) then
    write (error_unit, "(a)") "usage: add N REPETITIONS SEED [METHOD]"
    stop 2
  end if
  call get_command_argument(1, word)
  read (word, *) n
  call get_command_argument(2, word)
  read (word, *) repetitions
  call get_command_argument(3, word)
  read (word, *) seed
  call get_command_argument(4, wanted)

  allocate (a(n), b(n), c(n))
  call fill()
  found = .false.
  call measure("loop", add_loop, "do i = 1, n; c(i) = a(i) + b(i); end do", "output given")
  call measure("whole", add_whole, "c(:) = a + b", "output given")
  call measure("whole-new", add_whole_new, "deallocate (c); c = a + b", "output freed and allocated in each call")
  if (.not. found) then
    write (error_unit, "(3a)") "no method '", trim(wanted), "'"
    stop 2
  end if

contains

  subroutine fill()
    integer(int64) :: i, u, s, t
    do i = 1, n
      u = mod(31337 * (i - 1) + seed, 65521_int64)
      s = mod(u * u, 65521_int64)
      t = mod(s * u, 65521_int64)
      a(i) = real(2 * s + 1, real64) / 65536
      b(i) = real(2 * t + 1, real64) / 32768
    end do
  end subroutine

  function checksum() result(total)
    real(real64) :: total
    integer(int64) :: i
    total = 0
    do i = 1, n
      total = total + real(1 + mod(i - 1, 7_int64), real64) * c(i)
    end do
  end function

  ! One look may be cold or interrupted.
  function take_a_millisecond(adder, calls) result(enough)
    procedure(add_loop) :: adder
    integer(int64), intent(in) :: calls
    logical :: enough
    real(real64) :: passed
    integer :: look
    enough = .true.
    do look = 1, 5
      passed = seconds(adder, a, b, c, calls)
      enough = passed >= 1e-3_real64
      if (.not. enough .or. passed > 50e-3_real64) exit
    end do
  end function

  subroutine measure(method, adder, label, note)
    character(*), intent(in) :: method, label, note
    procedure(add_loop) :: adder
    integer(int64) :: calls, k
    if (wanted /= "" .and. wanted /= method) return
    found = .true.
    calls = 1
    do while (.not. take_a_millisecond(adder, calls))
      calls = 2 * calls
    end do
    c = 0
    write (*, "(5a, i0, a)", advance="no") '{"method": "', method, '", "label": "', label, '", "n": ', n, &
      ', "dtype": "float64", "seconds_per_call": ['
    do k = 1, repetitions
      if (k > 1) write (*, "(a)", advance="no") ", "
      write (*, "(a)", advance="no") text(seconds(adder, a, b, c, calls) / real(calls, real64))
    end do
    write (*, "(a, i0, 9a)") '], "calls_per_sample": ', calls, ', "checksum": ', text(checksum()), &
      ', "language": "Fortran", "version": "', compiler_version(), '", "flags": "', FLAGS, '", "note": "', note, '"}'
  end subroutine

  function text(value)
    real(real64), intent(in) :: value
    character(:), allocatable :: text
    character(32) :: digits
    write (digits, "(es24.16e3)") value
    text = trim(adjustl(digits))
  end function

end program
