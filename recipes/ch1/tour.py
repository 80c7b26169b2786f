"""Tour the language: the Python twin of ch1.tour."""
# compare: no ratio: a tour of the language has nothing to do that takes time
import argparse
import math


def show(code, value):
    """Print a piece of code and what it gives, as the prompt would."""
    print(f"{code:<24}  {value}")


def numbers():
    width = 20
    height = 5 * 9
    show("width * height", width * height)
    a = 1.5 + 0.5j
    show("a.real", a.real)
    show("a.imag", a.imag)
    show("abs(a)", abs(a))


def strings():
    word = "Help" + "A"
    show("word", word)
    show("ord(word[4])", ord(word[4]))
    show("word[4]", word[4])
    show("word[0:2]", word[0:2])
    show("word[-1]", word[-1])
    show('len("Hélp".encode())', len("Hélp".encode()))
    show('len("Hélp")', len("Hélp"))


def lists():
    a = ["spam", "eggs", 100, 1234]
    show("a[0]", a[0])
    show("a[3]", a[3])
    show("a[-2]", a[-2])
    show("a[1:-1]", a[1:-1])
    show("len(a)", len(a))


def loops():
    a, b = 0, 1
    while b < 10:
        show("b", b)
        a, b = b, a + b
    print(*fibonacci_below(2000))
    for word in ["cat", "window", "defenestrate"]:
        show(word, len(word))


def fibonacci_below(n):
    a, b = 0, 1
    while b < n:
        yield b
        a, b = b, a + b


def branches(x):
    show("x", x)
    if x < 0:
        print("the number is negative")
    elif x == 0:
        print("the number is zero")
    elif x == 1:
        print("the number is one")
    else:
        print("More")


def modules():
    show("math.sin(1)", math.sin(1))
    show("math.log(1)", math.log(1))


class Complex:
    def __init__(self, realpart, imagpart):
        self.r = realpart
        self.i = imagpart


def classes():
    x = Complex(3.0, -4.5)
    show("x.r, x.i", (x.r, x.i))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--x", type=int, default=1, help="the number that the branches test")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()

    numbers()
    strings()
    lists()
    loops()
    branches(args.x)
    modules()
    classes()


if __name__ == "__main__":
    main()
