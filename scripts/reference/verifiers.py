#!/usr/bin/env python3
"""Writes the golden scores of EADEnvironments' verifiers, from verl's own scorers.

    pip download --no-deps verl==0.9.1
    python scripts/reference/verifiers.py verl-0.9.1-py3-none-any.whl Tests/EADEnvironmentsTests/Fixtures/verifiers.jsonl

The responses are made up here: some by hand, the rest (400, or a third argument) from fragments by seed. No data set is
read. Needs nothing but Python.
"""

import json
import random
import sys
import zipfile


def scorer(wheel, name):
    """One of verl's scorer modules; none of them imports anything of verl."""
    module = {}
    with zipfile.ZipFile(wheel) as archive:
        exec(archive.read(f"verl/utils/reward_score/{name}.py").decode(), module)
    return module


BY_HAND = [
    # GSM8K
    ("So 3 + 4 = 7.\n#### 7", "7"), ("#### 7\n#### 8", "8"), ("#### 7\n#### 8", "7"), ("####7", "7"), ("#### $7", "7"),
    ("#### -7", "-7"), ("#### -7", "7"), ("#### 7.", "7"), ("#### 7.0", "7"), ("#### 1,234", "1234"),
    ("#### 12,34", "1234"), ("#### ,", "7"), ("#### .", "7"), ("#### -", "7"), ("##### 7", "7"), ("#### 7 #### x", "7"),
    ("#### 7 apples", "7"), ("#### 3.4.5", "5"), ("#### 7" + " and on" * 60, "7"), ("#### 7" + " " * 294, "7"),
    ("#### 7" + " " * 295, "7"), ("####  7", "7"), ("", "7"), ("####", "7"), ("#### ", "7"),
    # MATH
    (r"it is \boxed{7}.", "7"), (r"\boxed{3} and \boxed{7}", "7"), (r"\boxed{3} and \boxed{7}", "3"),
    (r"\boxed{\frac12}", r"\frac{1}{2}"), (r"\boxed{1/2}", r"\frac{1}{2}"), (r"\boxed{0.5}", "1/2"),
    (r"\boxed{0.50}", "1/2"), (r"\boxed{.5}", "0.5"), (r"\boxed{\dfrac{1}{2}}", r"\tfrac12"), (r"\boxed{\frac1{72}}", r"\frac{1}{72}"),
    (r"\boxed{\frac{72}1}", r"\frac{72}{1}"), (r"\boxed{\frac1}", r"\frac1"), (r"\boxed{\frac}", r"\frac"),
    (r"\boxed{x\frac}", r"x \frac"), (r"\boxed{\sqrt3}", r"\sqrt{3}"), (r"\boxed{2\sqrt}", r"2\sqrt"), (r"\boxed{2\sqrt{3}}", r"2\sqrt3"),
    (r"\boxed{90^\circ}", "90"), (r"\boxed{90^{\circ}}", "90"), (r"\boxed{\$7}", "7"), (r"\boxed{7\%}", "7"),
    (r"\boxed{7\\%}", "7"), (r"\boxed{7%}", "7"), (r"\boxed{7\text{ cm}}", "7"), (r"\boxed{7\text{cm}}", "7"),
    (r"\boxed{7\text{ cm} 8\text{ m}}", "7"), (r"\boxed{7\text{ cm} 8\text{ m}}", r"7\text{ cm} 8\text{ m}"),
    (r"\boxed{x=7}", "7"), (r"\boxed{xy=7}", "7"), (r"\boxed{x =7}", "7"), (r"\boxed{x = 7}", "7"), (r"\boxed{a=b=7}", "7"),
    (r"\boxed{\left(1, 2\right)}", "(1,2)"), (r"\boxed{1,\!000}", "1,000"), (r"\boxed{1,000}", "1000"),
    (r"\boxed{{1}\over{2}}", r"{1}\over{2}"), (r"\boxed{\begin{pmatrix}1\\2\end{pmatrix}}", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
    (r"\boxed 7", "7"), (r"\boxed 7$ so", "7"), (r"\boxed 7 so", "7"), (r"\boxed {7}", "7"), (r"\boxed {7}", "{7}"),
    (r"\boxed 8$ \boxed{7}", "7"), (r"\boxed 8$ \boxed{7}", "8"), (r"\boxed{7", "7"), (r"\boxed{{7}", "7"), (r"\boxed}7{", "7"),
    (r"\boxed7", "7"), (r"\boxedx{7}", "7"), (r"\fbox{7}", "7"), (r"\fbox{8}\boxed{7}", "7"), (r"\boxed{}", "7"), (r"\boxed{\!}", "7"),
    (r"\boxed{-1/2}", r"\frac{-1}{2}"), (r"\boxed{+1/2}", r"\frac{1}{2}"), (r"\boxed{01/2}", "01/2"), (r"\boxed{-0/2}", "-0/2"),
    (r"\boxed{0/2}", r"\frac{0}{2}"), (r"\boxed{1/2/3}", "1/2/3"), (r"\boxed{é}", "e\u0301"), (r"\boxed{\sqrt½}", r"\sqrt{½}"),
    (r"\boxed{x .5}", "x0.5"), (r"\boxed{{.5}}", "{0.5}"), ("\\boxed{\n7\n}", "7"), (r"\boxed{tfrac}", "frac"),
    # DAPO
    ("Answer: 7", "7"), ("answer: 7", "7"), ("ANSWER : 7", "7"), ("Answer:7", "7"), ("Answer:\n7", "7"), ("Answer:\n\n 7\nso", "7"),
    ("Answer: 7\nAnswer: 8", "8"), ("Answer: 7\nAnswer: 8", "7"), ("Final answer: the answer: 7", "7"),
    ("Answer: Answer: 7", "7"), ("Answer: 7\nThat is all.", "7"), ("Answer: 7\n\n  ", "7"), ("Answer:", "7"), ("Answer: ", "7"),
    ("Answer: \n ", "7"), ("Answer:\n\n", "7"), ("Answer: \n\\boxed{7}", "7"), ("Answer \\boxed{7}", "7"), ("The answer is 7", "7"),
    ("Answer: 7" + " " * 285 + "\\boxed{8}", "7"), ("Answer: 7" + "." * 300, "7"), ("\\boxed{7}" + " " * 91, "7"), ("\\boxed{7}" + " " * 92, "7"),
    ("\\boxed{ 7}", "7"), ("\\boxed{7} \\boxed{", "7"), ("Answer: [INVALID]\n\\boxed{7}", "7"), ("Answer: $7$", "7"), ("Answer: $x = 7$", "7"),
    ("Answer: so $7$ or $8$", "7"), ("Answer: $7", "7"), ("Answer: $7$.", "7"), ("Answer: 7.", "7"), ("Answer: 1,234", "1234"),
    ("Answer: 1,234.5", "1234.5"), ("Answer: 1{,}234", "1234"), ("Answer: 12,34,", "1234"), ("Answer: 7 cm", "7"), ("Answer: 7 apples", "7"),
    ("Answer: a 7", "7"), ("Answer: an 7", "7"), ("Answer: 7 square inches", "7"), (r"Answer: \frac12", r"\frac{1}{2}"),
    (r"Answer: \frac123", r"\frac{1}{2}3"), (r"Answer: \frac1", r"\frac1"), (r"Answer: \sqrt2", r"\sqrt{2}"), (r"Answer: \sqrt", r"\sqrt"),
    (r"Answer: \boxed{7}", "7"), (r"Answer: \boxed{7} {8}", "7} {8"), (r"Answer: \boxed{\boxed{7}}", r"\boxed{7}"), (r"Answer: \boxed{7", "7"),
    (r"Answer: \text{north} 7", "north7"), (r"Answer: \text{north", r"\text{north"), (r"Answer: \text{\textbf{7}}", "7"),
    (r"Answer: \overline{AB}", "AB"), (r"Answer: 7^\circ", "7"), (r"Answer: 7\ldots", "7"), (r"Answer: 7\dots", "7"), (r"Answer: 7 \text{m}", "7"),
    (r"Answer: 7\text{}^2", "7"), (r"Answer: 1\text{and}2", "12"), (r"Answer: 1,\text{and}2", "12"), (r"Answer: \mbox{x}", "x"),
    ("Answer: ٧", "٧"), ("Answer: ²,²", "²²"), ("Answer: \u00a07\u00a0", "7"), ("Answer: kmcm", "7"), ("answer\u00a0:\u20037", "7"),
    ("Answer: 7\r\nend", "7"), ("Answer: 7\r", "7"), ("Answer: thousandths", "thouandths"), ("Answer: measure", "mea re"),
]

FRAGMENTS = r"""7 8 12 0.5 .5 1,000 -3 x= y = = / + , . $ $ $$ { } { } ( ) \boxed{ \boxed{7} \boxed \boxed{12 \fbox{7} \frac
\frac1 \frac12 \frac{1}{2} \dfrac tfrac \sqrt \sqrt2 \sqrt{2} \left( \right) ^\circ ^{\circ} \text{ \text{m} \text{} \textbf{x}
\overline{ \! \\ \\% \% \$ \; \ldots \dots \mathrm{th} mbox cm km dollars square units points an a the Answer: answer: Answer :
#### ####7 é ½ 答""".split() + [" ", " ", "\n", "  ", "\\ ", "\\text{ cm}", "Answer: ", "\nAnswer: ", "#### ", "\\boxed ", " .", "{.", "\u00a0"]


def at_random(count):
    source = random.Random(20240611)
    for _ in range(count):
        text = "".join(source.choice(FRAGMENTS) for _ in range(source.randint(1, 14)))
        kind = source.randrange(4)
        if kind == 0:
            response = f"\\boxed{{{text}}}"
        elif kind == 1:
            response = f"Answer: {text}"
        else:
            response = text
        answer = "".join(source.choice(FRAGMENTS) for _ in range(source.randint(1, 4)))
        # Otherwise hardly any would be right.
        if source.random() < 0.5:
            answer = text
        yield response, answer


def main(wheel, target, count=400):
    gsm8k, math, dapo = (scorer(wheel, name) for name in ("gsm8k", "math_reward", "math_dapo"))

    def normal(text):
        try:
            return math["strip_string"](text)
        except (AssertionError, IndexError):
            return text

    def box(response):
        try:
            found = math["last_boxed_only_string"](response)
            return None if found is None else math["remove_boxed"](found)
        except AssertionError:
            return None

    def usable(answer):
        """What the verifiers accept as an answer."""
        return answer.strip() and normal(answer) and "\n" not in answer and dapo["normalize_final_answer"](answer)

    with open(target, "w") as file:
        for response, answer in BY_HAND + list(at_random(int(count))):
            if not usable(answer):
                continue
            boxed = box(response)
            line = dapo["compute_score"](response, answer)
            row = {
                "response": response, "answer": answer,
                "marked": gsm8k["extract_solution"](response), "gsm8kStrict": gsm8k["compute_score"](response, answer),
                "boxed": float(boxed is not None and math["is_equiv"](boxed, answer)),
                "box": None if boxed is None else normal(boxed),
                "dapo": float(line["acc"]), "line": None if line["pred"] == "[INVALID]" else line["pred"],
            }
            file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
