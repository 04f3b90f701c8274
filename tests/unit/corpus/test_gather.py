import openpyxl
import pytest

from rift.corpus.gather import gather
from rift.corpus.source import load_source
from rift.errors import RiftError


def read(lab):
    return gather(load_source(lab.path))


def test_sessions_have_ids_therapists_and_roles(lab):
    gathered = read(lab)
    assert [s.key for s in gathered.sessions] == [("P1", "S1"), ("P1", "S2"), ("P2", "S1"), ("P3", "S1")]
    first = gathered.sessions[0]
    assert first.therapists == ("T1",)
    assert first.roles == ("therapist", "patient", "therapist", "patient")
    assert first.transcript.turns[1].text == "[long pause] Fine."
    assert gathered.warnings == ()


def test_codings_are_in_file_order_with_the_coder_of_the_path(lab):
    codings = read(lab).codings
    assert [c.coder for c in codings] == ["A"] * 4 + ["B"] * 2
    assert [c.label for c in codings[:2]] == ["denial", "minimal response"]
    assert codings[3].label is None
    assert codings[0].place.startswith(str(lab.folder / "codings" / "A.csv"))


def test_a_file_name_without_fields_is_the_session_but_gives_no_patient(lab):
    lab.spec["transcripts"]["files"] = "transcripts/{patient_id}/*.txt"
    lab.transcript("P7/intake", ["T: Hello.", "P: Hello."])
    assert [s.key for s in read(lab).sessions] == [("P7", "intake")]
    lab.spec["transcripts"]["files"] = "transcripts/P7/*.txt"
    with pytest.raises(RiftError, match="the patient is not known") as caught:
        read(lab)
    assert "{patient_id}_{session_id}.txt" in caught.value.remedy


def test_a_table_brings_its_own_ids(lab):
    lab.write("all.csv", "pid,sid,who,said\nP1,S1,T,Hello.\nP1,S1,P,Hello.\nP2,S1,P,Yes.\nP2,S1,T,Yes?\n")
    columns = {"patient_id": "pid", "session_id": "sid", "speaker": "who", "text": "said"}
    lab.spec["transcripts"].update(files="all.csv", columns=columns)
    sessions = read(lab).sessions
    assert [(s.key, s.roles) for s in sessions] == [
        (("P1", "S1"), ("therapist", "patient")),
        (("P2", "S1"), ("patient", "therapist")),
    ]
    lab.spec["transcripts"]["files"] = "{patient_id}.csv"
    with pytest.raises(RiftError, match="patient_id is 'all' by the file's name and 'P1' inside it"):
        read(lab)


def test_the_therapist_of_a_session_by_its_path(lab):
    lab.spec["transcripts"]["files"] = "by/{therapist_id}/{patient_id}_{session_id}.txt"
    lab.write("by/T1/P1_S1.txt", "T: Hello.\nP: Hello.\n")
    lab.write("by/T9/P4_S1.txt", "T: Hello.\nP: Hello.\n")
    assert [s.therapists for s in read(lab).sessions] == [("T1",), ("T9",)]
    lab.write("by/T2/P1_S2.txt", "T: Hello.\nP: Hello.\n")
    with pytest.raises(RiftError, match="the therapist is 'T2' here and T1 under therapists") as caught:
        read(lab)
    assert "P1_S2.txt, session S2" in caught.value.where
    lab.spec["therapists"]["P1"] = ["T2", "T1"]
    # What corpus.yaml lists is the whole caseload, whichever of them held this session.
    assert [s.therapists for s in read(lab).sessions] == [("T1", "T2"), ("T1", "T2"), ("T9",)]
    lab.write("by/A;B/P5_S1.txt", "T: Hello.\nP: Hello.\n")
    with pytest.raises(RiftError, match="therapist 'A;B' contains ';'"):
        read(lab)


def test_the_therapist_of_a_table(lab):
    columns = {"patient_id": "pid", "speaker": "who", "text": "said", "therapist_id": "by"}
    lab.spec["transcripts"].update(files="all.csv", columns=columns)
    rows = "P1,{},T,Hello.\nP1,{},P,Hello.\nP4,T9,P,Yes.\nP4,T9,T,Yes?\nP5,,P,Yes.\nP5,n/a,T,Yes?\n"
    lab.write("all.csv", "pid,by,who,said\n" + rows.format("T1", ""))
    assert [(s.patient_id, s.therapists) for s in read(lab).sessions] == [
        ("P1", ("T1",)),
        ("P4", ("T9",)),
        ("P5", ()),
    ]
    lab.write("all.csv", "pid,by,who,said\n" + rows.format("T2", "T2"))
    with pytest.raises(RiftError, match="the therapist is 'T2' here and T1 under therapists"):
        read(lab)
    del lab.spec["therapists"]["P1"]
    assert read(lab).sessions[0].therapists == ("T2",)


def test_the_sheet_of_a_workbook(lab):
    book = openpyxl.Workbook()
    book.active.append(["not", "this"])
    sheet = book.create_sheet("Turns")
    for row in (["speaker", "text"], ["T", "Hello."], ["P", "Well."]):
        sheet.append(row)
    book.save(lab.folder / "P1_S1.xlsx")
    lab.spec["transcripts"].update(files="{patient_id}_{session_id}.xlsx", sheet="turns")
    (session,) = read(lab).sessions
    assert [turn.text for turn in session.transcript.turns] == ["Hello.", "Well."]
    lab.spec["transcripts"]["sheet"] = "Words"
    with pytest.raises(RiftError, match="there is no sheet 'Words'"):
        read(lab)


def test_several_therapists_of_a_patient(lab):
    lab.spec["therapists"]["P1"] = ["T2", "T1"]
    assert read(lab).sessions[0].therapists == ("T1", "T2")


def test_therapists_of_patients_without_transcripts_are_told(lab):
    lab.spec["therapists"]["P01"] = "T1"
    (warning,) = read(lab).warnings
    assert warning.endswith("therapists names 1 patient without a transcript: P01")


def test_one_session_in_two_files(lab):
    lab.spec["transcripts"]["files"] = [
        "transcripts/{patient_id}_{session_id}.txt",
        "more/{patient_id}_{session_id}.txt",
    ]
    lab.write("more/P1_S1.txt", "T: Hello.\nP: Hello.\n")
    with pytest.raises(RiftError, match="session P1/S1 is also in") as caught:
        read(lab)
    assert "more" in str(caught.value)
    assert "transcripts" in str(caught.value)


def test_every_bad_file_is_listed_with_its_reason(lab):
    lab.write("transcripts/P4_S1.txt", "")
    lab.transcript("P5_S1", ["T: Hello.", "P: Hello.", "T: Who is there?", "Zz: Me.", "Zz: Me again."])
    lab.codings("C", ["P1,S1,one,denial,"])
    lab.spec["codings"].append({"files": "more/{coder}.csv", "layout": "long"})
    with pytest.raises(RiftError) as caught:
        read(lab)
    message = str(caught.value)
    assert "4 faults in the files of the corpus:" in message
    for name in ("P4_S1.txt", "P5_S1.txt", "C.csv"):
        assert sum(name in line for line in message.splitlines()) == 1
    assert "Zz" in message
    assert "'one'" in message
    assert "no file matches 'more/{coder}.csv'" in message


def test_warnings_of_the_readers_come_along(lab):
    (lab.folder / "transcripts" / "P1_S1.txt").write_bytes("T: Ça va?\nP: Oui.\n".encode("cp1252"))
    assert any("P1_S1.txt" in warning and "cp1252" in warning for warning in read(lab).warnings)
