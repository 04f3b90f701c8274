import copy

import pytest
import yaml

SPEC = {
    "name": "small",
    "codebook": "3rs",
    "transcripts": {
        "files": "transcripts/{patient_id}_{session_id}.txt",
        "speakers": {"T": "therapist", "P": "patient"},
    },
    "therapists": {"P1": "T1", "P2": "T2", "P3": "T3"},
    "codings": [{"files": "codings/{coder}.csv", "layout": "long"}],
    "coverage": [{"coders": "all", "labels": "all", "sessions": "all", "speakers": ["patient", "therapist"]}],
}
SESSIONS = {
    "P1_S1": ["T: How was the week?", "P: [long pause] Fine.", "T: Fine?", "P: Can we end early today?"],
    "P1_S2": ["T: You came back.", "P: I did, though this is not helping at all."],
    "P2_S1": ["P: You always ask me that.", "T: That sounds annoying."],
    "P3_S1": ["T: Tell me.", "P: There is nothing to tell, really nothing."],
}
HEADER = "patient_id,session_id,turn,label,value"
CODINGS = {
    "A": ["P1,S1,1,denial,", "P1,S1,1,minimal response,", "P1,S2,1,complaint_progress,3", "P2,S1,1,,"],
    "B": ["P1,S1,1,minimal_response,", "P2,S1,0,complaint_therapist,"],
}


class Lab:
    """A small corpus on disk that a test may spoil."""

    def __init__(self, folder):
        self.folder = folder
        self.spec = copy.deepcopy(SPEC)
        for name, lines in SESSIONS.items():
            self.transcript(name, lines)
        for coder, rows in CODINGS.items():
            self.codings(coder, rows)

    def transcript(self, name, lines):
        self.write(f"transcripts/{name}.txt", "\n".join(lines) + "\n")

    def codings(self, coder, rows, header=HEADER):
        self.write(f"codings/{coder}.csv", "\n".join([header, *rows]) + "\n")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @property
    def path(self):
        self.write("corpus.yaml", yaml.safe_dump(self.spec, sort_keys=False))
        return self.folder / "corpus.yaml"


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path / "lab")
