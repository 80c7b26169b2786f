"""Replace a process by another program: the Python twin of ch1.process."""
import argparse
import os
import sys

CALLED_PROCESS = """
import os
print("Hello Python Parallel Cookbook!!")
print("my process id is", os.getpid())
try:
    print("Press ENTER to exit", flush=True)
    input()
except EOFError:
    pass
print("Closing calledProcess")
"""


def calling_process(missing):
    # What is still in the buffer would be lost with the program.
    print("Process calling")
    print("my process id is", os.getpid(), flush=True)
    program = "/no/such/program" if missing else sys.executable
    try:
        os.execvp(program, ("python3", "-c", CALLED_PROCESS))
    except OSError as error:
        print(f"exec {program}: {error.strerror.lower()}")
    print("Good Bye!!")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missing", action="store_true", help="call a program that is not there")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()

    child = os.fork()
    if child == 0:
        calling_process(args.missing)
        sys.stdout.flush()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print("the process", child, "has ended")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
