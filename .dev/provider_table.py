"""The table of what was shown of each provider, from the evidence that tests have left."""

import textwrap

COLUMNS = ("text", "stream", "tools", "reason", "image", "usage", "cost", "errors", "models", "balance")
# The strongest first: what a cell says when several tests have shown it.
WORDS = {"real": "real", "recorded": "rec", "simulated": "sim", "written": "wri"}
ABSENT = "-"
EMPTY = "??"
WIDTH = 100
NAME_WIDTH = 17
CELL_WIDTH = 8
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

LEGEND = """\
real  somebody else's server answered in this run (llama-server; LiteLLM, ollama-proxy-plus)
rec   a stream or body was read that such a server once sent (test/fixtures/streams/*/README.org)
sim   our simulator stood for the service, at its path, with its header for the key, its quirks and
      its errors: both sides are ours, so this proves that we agree with ourselves, and no more
wri   a stream or body was read that we wrote from the service's documents; +w: that as well
–     nothing was shown, for the reason of this number; ?? nothing, and nobody says why

text, stream: an answer in one piece and as it is made. tools: calls and the use of their results.
reason: reasoning that goes back with the results. image: one in the question. usage: tokens in
buckets that do not overlap. cost: to the pico-dollar, in the ledger. errors: each rule of the row,
and what any service means by a status. models: the list of them. balance: what is left.
Every row was simulated: where a cell says real or rec, that was shown as well."""


class Table:
    """The rows of PROVIDERS, of the catalogue, with what EVIDENCE, lines of tab-separated fields, says of them."""

    def __init__(self, providers, evidence):
        self.usable = [row for row in providers if "refused" not in row]
        self.refused = [row for row in providers if "refused" in row]
        self.notes = []
        self.shown = {}
        known = {row["name"] for row in self.usable}
        for line in evidence.splitlines():
            provider, column, tag, test, *remark = line.split("\t")
            if provider not in known or column not in COLUMNS or tag not in (*WORDS, ABSENT):
                raise SystemExit(f"llm-switch: evidence that has no place in the table: {line}")
            # The reason of what is absent stands in the place of the test.
            said = test if tag == ABSENT else "".join(remark)
            self.shown.setdefault((provider, column), {}).setdefault(tag, set()).add(said)
        self.cells = {row["name"]: [self.cell(row["name"], column) for column in COLUMNS] for row in self.usable}

    def tag(self, provider, column):
        """The strongest tag of a cell."""
        tags = self.shown.get((provider, column), {})
        return next((tag for tag in (*WORDS, ABSENT) if tag in tags), None)

    def cell(self, provider, column):
        tag = self.tag(provider, column)
        if tag is None:
            return EMPTY
        tags = self.shown[provider, column]
        written = "+w" if tag == "simulated" and "written" in tags else ""
        word = "–" if tag == ABSENT else WORDS[tag] + written
        # A test that leaves nothing open outdoes the remark of another.
        remarks = set() if "" in tags[tag] else tags[tag]
        return word + ",".join(self.note(remark) for remark in sorted(remarks))

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)
        return str(self.notes.index(text) + 1).translate(SUPERSCRIPTS)

    def empty(self):
        """The cells without evidence and without a reason."""
        return [(row["name"], column) for row in self.usable for column in COLUMNS if not self.tag(row["name"], column)]

    def text(self):
        lines = [line("", COLUMNS), *(line(name, cells) for name, cells in self.cells.items()), ""]
        lines += [filled(f"{number:2} ", note) for number, note in enumerate(self.notes, 1)]
        lines += ["", LEGEND, "", "Not to be used, and what to use instead:"]
        lines += [filled(f"  {row['name']:<20} ", f"{row['refused']['reason']}. {row['refused']['instead']}.")
                  for row in self.refused]
        return "\n".join([*lines, "", self.summary()])

    def summary(self):
        tags = [self.tag(row["name"], column) for row in self.usable for column in COLUMNS]
        counts = ", ".join(f"{tags.count(tag)} {word}" for tag, word in WORDS.items())
        return (f"{len(self.usable)} providers, {len(tags)} cells: {counts}, {tags.count(ABSENT)} with a reason, "
                f"{tags.count(None)} empty without one")


def line(name, cells):
    return (name.ljust(NAME_WIDTH) + "".join(cell.ljust(CELL_WIDTH) for cell in cells)).rstrip()


def filled(head, text):
    return textwrap.fill(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
