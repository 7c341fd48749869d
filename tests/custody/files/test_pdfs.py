"""A PDF is taken unless it runs or carries something, openly or in what a reader takes for packed objects."""

import time
import zlib
from io import BytesIO

import pytest
from PIL import Image

from tests.drawing import archive, letter, profile
from troth.custody.files.pdfs import judged
from troth.rules.decision import Why


def pdf(inside=b"", end=b"trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"):
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n" + inside + end


def stream(content, words=b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode"):
    return b"3 0 obj<<%s/Length %d>>\nstream\r\n%s\nendstream endobj\n" % (words, len(content), content)


def packed(objects):
    return pdf(stream(zlib.compress(objects)))


def drawn():
    """A PDF with a picture, as Pillow writes it."""
    content = BytesIO()
    Image.effect_noise((90, 60), 80).convert("RGB").save(content, "PDF", title="obj stream /Launcher")
    return content.getvalue()


_DEFLATED = zlib.compress(bytes(range(256)) * 20)


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        letter("hello"),
        pdf(stream(b"q 1 0 0 1 0 0 cm Q", b"")),
        packed(b"5 0 <</Type/Font>>"),
        pdf(b"% a note on /JavaScripting and /Launchers\n"),
        pdf(b"4 0 obj<</OpenAction[3 0 R/Fit]>>endobj\n"),
        drawn(),
        packed(b"5 0 6 20 <</Title(Up\\)stream)>> <</First 7 0 R/Last 7 0 R>>"),
        pdf(stream(zlib.compress(b"5 0 <<>>"), b"/Type /ObjStm\n/N 1 /First 4 /Filter [ /FlateDecode ]")),
        pdf(stream(zlib.compress(profile()), b"/N 3/Alternate/DeviceRGB/Filter/FlateDecode")),
        pdf(stream(profile(), b"/N 3/Alternate/DeviceRGB")),
        pdf(
            stream(
                _DEFLATED, b"/Type/XRef/W[1 2 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>"
            )
        ),
        pdf(stream(_DEFLATED, b"/Subtype/Image/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 3>>")),
        pdf(stream(b"GhQ", b"/Filter[/ASCII85Decode/FlateDecode]")),
        pdf(stream(b"\xff\xd8", b"/Subtype/Image/Filter/DCTDecode")),
        pdf(b"1 0 obj<</Linearized 1/N 3>>endobj 4 0 obj<</S/Named/N/NextPage>>endobj\n"),
        pdf(b"4 0 obj<</A(a(b)\\)<<)/B<41 42>% >>\n/C[<</D[]>>]>>endobj 5 0 obj[(obj)]endobj\n"),
        pdf(b"4 0 obj<</Font<</EF/F1>>/XFAn 1>>endobj\n"),
    ],
)
def test_a_pdf_is_taken(content):
    assert judged(content) == "application/pdf"


ACTIVE = [
    b"<</S/JavaScript/JS(app.alert(1))>>", b"<</S /JavaScript>>", b"<</S/Launch/F(cmd.exe)>>",
    b"<</Type/EmbeddedFile>>", b"<</Names<</EmbeddedFiles 7 0 R>>>>", b"<</S/#4aava#53cript/JS 4 0 R>>",
    b"<</S/J#61v#61Script>>", b"<</Subtype/RichMedia>>", b"<</S/Rendition/JS(x)>>", b"<</S/SubmitForm>>",
    b"<</S/ImportData>>", b"<</S/GoToE>>", b"<</S/#4C#61#75#6e#63#68>>", b"<</XFA 7 0 R>>",
    b"<</Subtype/FileAttachment/FS 7 0 R>>", b"<</F(a.exe)/EF<</F 7 0 R>>>>", b"<</EF 7 0 R>>",
    b"<</F(a.exe)/E#46 %\n<</F 7 0 R>>>>", b"<</F(a.exe)/EF%" + b"." * 999 + b"\n<</F 7 0 R>>>>",
]  # fmt: skip


@pytest.mark.parametrize("inside", ACTIVE)
def test_a_pdf_that_runs_or_carries_something_is_refused_openly_or_packed(inside):
    assert judged(pdf(b"4 0 obj" + inside + b"endobj\n")) is Why.ACTIVE
    assert judged(packed(b"4 0 " + inside)) is Why.ACTIVE
    assert judged(packed(b"5 0 <<>>")[:-40] + stream(zlib.compress(inside)) + pdf()[-40:]) is Why.ACTIVE
    hidden = stream(zlib.compress(inside), b"/Type/#4fbj#53tm/N 1/First 4/Filter/FlateDecode")
    assert judged(pdf(hidden)) is Why.ACTIVE


RUNS = zlib.compress(b"4 0 <</S/JavaScript/JS(app.alert(1))>>")
ODDLY = [
    b"/Type/ObjStm/N 1/First 4/F#69lter/FlateDecode",
    b"/Filter/FlateDecode/N 1/First 4/X(obj)/Type/ObjStm",
    b"/Filter/FlateDecode/N 1/First 4%obj\n/Type/ObjStm",
    b"/Filter/FlateDecode/N 1/X(<<obj \\) (>>) stream\n)/First 4%endobj stream\n",
    b"/N 1/First 4/Filter/FlateDecode",
    b"/N 1/F#69rst 4/Filter/FlateDecode",
    b"/N 1/Filter/FlateDecode",
    b"/N 1/First 4/Subtype/Image/Filter/FlateDecode",
    b"/X<</Filter/LZWDecode>>/N 1/First 4/Filter/FlateDecode",
]


@pytest.mark.parametrize("words", ODDLY)
def test_what_runs_is_found_in_packed_objects_however_their_dictionary_is_written(words):
    assert judged(pdf(stream(RUNS, words))) is Why.ACTIVE
    assert judged(pdf(b"8 0 obj(" + stream(RUNS, words) + b")endobj\n")) is Why.ACTIVE
    assert judged(pdf(b"8 0 obj<</A(" + stream(RUNS, words) + b")>>endobj\n")) in (Why.ACTIVE, Why.DAMAGED)
    assert judged(pdf(b"% " + stream(RUNS, words).replace(b"obj<<", b"obj%\r<<"))) is Why.ACTIVE
    assert judged(pdf(stream(RUNS[:20] + b"endstream" + RUNS[20:], words))) in (Why.ACTIVE, Why.DAMAGED)


OTHERWISE = [
    b"/Type/ObjStm/N 1/First 4",
    b"/N 1/First 4/Filter 9 0 R",
    b"/N 1/First 4/Filter/Fl",
    b"/N 1/First 4/Filter[/ASCIIHexDecode/FlateDecode]",
    b"/N 1/First 4/Filter[/FlateDecode/FlateDecode]",
    b"/N 1/First 4/Filter/LZWDecode",
    b"/N 1/First 4/Filter/FlateDecode/Filter/LZWDecode",
    b"/N 1/First 4/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>",
    b"/N 1/First 4/Filter/FlateDecode/DP[<</Predictor 2>>]",
    b"/N 1/First 4/Filter/FlateDecode/F(other.bin)",
    b"/N 1/First 4/F/Fl",
    b"/N 1/F/Fl",
    b"/X[/N 1/First 4/Filter/FlateDecode",
    b"/X]/N 1/First 4/Filter/FlateDecode",
    b"/X{/N 1/First 4/Filter/FlateDecode",
    b"/X(/N 1/First 4/Filter/FlateDecode",
]


@pytest.mark.parametrize("words", OTHERWISE)
def test_packed_objects_that_are_packed_otherwise_are_not_taken(words):
    assert judged(pdf(stream(zlib.compress(b"5 0 <<>>"), words))) is Why.DAMAGED


def test_packed_objects_hold_no_stream_of_their_own():
    inner = b"5 0 <</N 1/First 4/Filter/FlateDecode>>stream\n" + RUNS + b"\nendstream"
    assert judged(packed(inner)) is Why.DAMAGED


@pytest.mark.parametrize("end", [b"stream\r", b"stream ", b"stream%\n"])
def test_packed_objects_whose_beginning_is_in_doubt_are_not_taken(end):
    assert judged(packed(b"5 0 <<>>").replace(b"stream\r\n", end, 1)) is Why.DAMAGED


def test_a_pdf_that_is_an_archive_as_well_is_refused():
    assert judged(pdf() + archive() + b"%%EOF") is Why.ACTIVE


def test_a_pdf_under_a_password_is_refused():
    assert judged(pdf(end=b"trailer<</Root 1 0 R/Encrypt 9 0 R>>\nstartxref\n9\n%%EOF\n")) is Why.LOCKED


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-",
        b"%PDF-1.7",
        b"%PDF-1.7\n%%EOF",
        b"%PDF-9.x" + pdf()[8:],
        pdf()[:-20],
        pdf() + bytes(2000),
        pdf(b"3 0 obj<</Type/ObjStm/Filter/FlateDecode>>\nstream\n"),
        pdf(stream(b"not packed at all")),
        pdf(b"3 0 obj<</Type/ObjStm>>endobj\n"),
    ],
)
def test_a_pdf_that_is_cut_short_or_damaged_is_refused(content):
    assert judged(content) is Why.DAMAGED


def test_a_pdf_that_inflates_without_end_is_refused_soon():
    began = time.thread_time()
    assert judged(packed(bytes(40_000_000))) is Why.TOO_LARGE
    assert judged(pdf(stream(zlib.compress(bytes(4_000_000))) * 40)) is Why.TOO_LARGE
    assert time.thread_time() - began < 5


@pytest.mark.parametrize(
    "part",
    [
        b"/ObjStm ", b"/ObjStm stream endstream ", b"/ObjStm/Filter stream\n", b"obj", b"#4a", b"<", b"/Jav",
        b"/EF %", b"/EF ", b"obj%", b"obj<<", b"obj<</X%", b"obj<</X(", b"obj<</X[",
        b"1 0 obj<</A 1>>endobj ", b"obj<</N 1/First 4/Filter/FlateDecode>>stream\n",
    ],
)  # fmt: skip
def test_a_large_pdf_of_one_word_is_judged_soon(part):
    began = time.thread_time()
    judged(pdf(part * (2_000_000 // len(part))))
    judged(pdf(b"1 0 obj<</X" + part * (2_000_000 // len(part)) + b">>endobj "))
    assert time.thread_time() - began < 4
