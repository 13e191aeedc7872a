"""One line a check, as it happens; what failed once more at the end."""

import json
import time

DETAIL_CHARS_MAX = 600


class Report:
    def __init__(self):
        self.began = time.monotonic()
        self.passed = 0
        self.failed = []
        self.part = ""

    def begin(self, part):
        self.part = part
        print(f"== {part} ({time.monotonic() - self.began:.0f} s so far)", flush=True)

    def check(self, name, problems, detail=None):
        """A check held if it has no problems; `detail` is printed when it did not."""
        if not problems:
            self.passed += 1
            print(f"ok    {name}", flush=True)
            return
        self.failed.append((self.part, name))
        print(f"FAIL  {name}", flush=True)
        for problem in problems:
            print(f"      {shortened(problem)}", flush=True)
        if detail is not None:
            print(f"      {shortened(json.dumps(detail, ensure_ascii=False))}", flush=True)

    def end(self):
        """Prints the summary and gives the exit code."""
        print(f"== {self.passed} passed, {len(self.failed)} failed, {time.monotonic() - self.began:.0f} s")
        for part, name in self.failed:
            print(f"FAIL  {part}: {name}")
        return 1 if self.failed else 0


def shortened(text):
    return text if len(text) <= DETAIL_CHARS_MAX else f"{text[:DETAIL_CHARS_MAX]}…"
