"""Pictures: each has its message, its words and its numbers; geometry holds and is mirrored."""

from dataclasses import replace

import pytest

from tests.web.gallery import AT, COLUMNS, FLOWS, FRAME, KINDS, drawn, gallery
from tests.web.markup import parsed
from troth.clock import DAY
from troth.terms.vocabulary import Period
from troth.web import pictures
from troth.web.languages import LANGUAGES, Reader
from troth.web.pictures.bars import MARKS, place
from troth.web.pictures.plane import length, wrapped

SINCE = AT - 90 * DAY


@pytest.fixture(params=LANGUAGES)
def page(request):
    return parsed(gallery(replace(FRAME, reader=Reader(request.param))))


def figures(page):
    return [each for each in page.of("figure") if each.get("class") == "picture"]


def test_every_picture_has_a_message_a_title_a_description_and_its_numbers_below(page):
    assert len(figures(page)) == 7
    for figure in figures(page):
        (svg,) = (each for each in figure.of("svg") if "role" in each.attributes)
        assert svg["role"] in ("img", "group")
        title, description = svg.of("title")[0], svg.of("desc")[0]
        assert title.text == figure.of("figcaption")[0].text
        assert description.text
        assert (svg["aria-labelledby"], svg["aria-describedby"]) == (title["id"], description["id"])
        (details,) = figure.of("details")
        (table,) = details.of("table")
        assert len(table.of("tr")) > 1


def test_only_a_picture_without_links_is_an_image(page):
    for figure in figures(page):
        (svg,) = (each for each in figure.of("svg") if "role" in each.attributes)
        assert (svg["role"] == "img") == (not svg.of("a") and figure["id"] != "strip")


def test_a_picture_that_is_wider_than_the_page_is_scrolled_with_the_keyboard(page):
    for figure in figures(page):
        (region,) = (each for each in figure.of("div") if each.get("class") == "picture-scroll")
        assert region["tabindex"] == "0"
        assert region["aria-labelledby"]


def test_every_word_of_a_row_is_in_the_picture_or_in_the_table():
    (figure,) = (each for each in figures(parsed(gallery())) if each["id"] == "map")
    for column in COLUMNS:
        for node in column.nodes:
            shown = [text.text for text in figure.of("text")]
            assert any(node.words.startswith(text) for text in shown)


def test_nothing_to_draw_teaches_what_will_stand_here():
    for name, empty in (
        ("flows", pictures.flows((), ())),
        ("lanes", pictures.lanes((), (), since=SINCE, until=AT)),
        ("bars", pictures.bars((), now=AT)),
        ("strip", pictures.strip((), today=AT)),
        ("steps", pictures.steps((), since=SINCE, until=AT)),
    ):
        values = drawn(rtl=False) | {name: empty}
        page = parsed(gallery(pictured=values))
        assert len(figures(page)) == 6, name
        assert any(
            "Here you will see" in each.text for each in page.of("div") if each.get("class") == "nothing"
        )


def test_a_missing_declaration_is_said_in_words():
    page = parsed(gallery())
    (figure,) = (each for each in figures(page) if each["id"] == "map")
    assert "DECLARATION MISSING" in figure.of("table")[0].text
    assert {"DECLARATION", "MISSING"} <= {text.text for text in figure.of("text")}


def test_flows_are_thicker_the_more_uses_and_dotted_when_none():
    map_ = pictures.flows(COLUMNS, FLOWS)
    by_uses = sorted(zip(map_.rows, FLOWS, strict=True), key=lambda each: each[1].uses)
    assert [row.uses for row, _ in by_uses] == sorted(flow.uses for flow in FLOWS)
    solid = [ribbon.thick for ribbon in map_.ribbons if ribbon.found == "observed"]
    assert solid == sorted(solid, reverse=True)
    assert len([each for each in map_.ribbons if each.found == "declared"]) == sum(
        flow.uses == 0 for flow in FLOWS
    )


def test_a_flow_to_a_box_that_is_not_there_is_left_out():
    map_ = pictures.flows(COLUMNS, (pictures.Flow("c0", "nowhere", 3),))
    assert map_.ribbons == map_.rows == ()


def test_a_picture_for_readers_from_the_right_is_mirrored():
    left, right = pictures.flows(COLUMNS, FLOWS), pictures.flows(COLUMNS, FLOWS, rtl=True)
    for one, other in zip(left.boxes, right.boxes, strict=True):
        assert other.x == pytest.approx(pictures.WIDTH - one.x - one.wide, abs=0.1)
        assert other.y == one.y


@pytest.mark.parametrize("rtl", [False, True])
def test_nothing_stands_outside_its_picture(rtl):
    map_ = pictures.flows(COLUMNS, FLOWS, rtl=rtl)
    assert all(box.x >= 0 and box.x + box.wide <= map_.wide for box in map_.boxes)
    assert all(box.y >= 0 and box.y + box.high <= map_.high for box in map_.boxes)
    goes = drawn(rtl=rtl)["bars"]
    assert all(row.x >= 0 and row.x + row.wide <= goes.wide for row in goes.rows)
    assert all(row.open_x >= 0 and row.open_x + row.open_wide <= goes.wide for row in goes.rows)


def test_no_two_boxes_of_a_column_overlap():
    boxes = pictures.flows(COLUMNS, FLOWS).boxes
    for one in boxes:
        below = [each.y for each in boxes if each.x == one.x and each.y > one.y]
        assert all(y >= one.y + one.high for y in below)


def test_lanes_count_every_access_once_and_leave_out_what_lies_outside():
    marks = [pictures.Mark(SINCE + n * DAY, "people", "read") for n in range(90)]
    outside = [pictures.Mark(SINCE - 1, "people", "read"), pictures.Mark(AT + 1, "people", "change")]
    lanes = pictures.lanes(KINDS, [*marks, *outside], since=SINCE, until=AT)
    assert sum(spot.count for spot in lanes.spots) == 90
    assert (lanes.rows[0].read, lanes.rows[0].change) == (90, 0)


def test_a_gap_of_the_log_is_cut_to_the_picture():
    lanes = pictures.lanes(KINDS, (), since=SINCE, until=AT, gaps=((0, SINCE + DAY), (AT, AT + DAY)))
    (gap,) = lanes.gaps
    assert gap.x == lanes.start
    assert gap.wide == pytest.approx(lanes.wide_plot / 90, abs=0.1)


def test_the_axis_of_bars_passes_its_marks_in_order_and_ends():
    assert [round(place(mark.after(AT), AT), 6) for mark in MARKS] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert place(AT - DAY, AT) == 0.0
    assert place(Period(months=1200).after(AT), AT) == 1.0


def test_what_goes_first_stands_first_and_what_nobody_knows_last():
    first, *_, last = (row.label.words for row in drawn(rtl=False)["bars"].rows)
    assert (first, last) == ("Pictures for the identity check", "Account data")


def test_an_unknown_end_is_hatched_and_never_a_full_bar():
    (row,) = pictures.bars((pictures.Stay("Account data", None, waits="leaving"),), now=AT).rows
    assert (row.wide, row.open_wide) == (0.0, pictures.WIDTH)


def test_a_held_bar_goes_on_hatched_beyond_its_end():
    (row,) = pictures.bars((pictures.Stay("Transactions", AT + DAY, held=True),), now=AT).rows
    assert row.wide > 0
    assert row.wide + row.open_wide == pytest.approx(pictures.WIDTH)


def test_a_strip_has_ninety_days_and_none_is_green_that_nobody_checked():
    days = pictures.Days("1.1", "A clause", "kept", AT, ("kept", None, "broken", "at risk"))
    (row,) = pictures.strip((days,), today=AT).rows
    blocks = {each.word: each.path.count("M") for each in row.blocks}
    assert blocks == {"kept": 1, "unproven": 87, "broken": 1, "at risk": 1}
    assert row.bad == ((AT - DAY, "broken"), (AT, "at risk"))


def test_the_days_of_a_strip_beyond_ninety_are_left_out():
    days = pictures.Days("1.1", "A clause", "kept", AT, ("broken", *("kept",) * 90))
    (row,) = pictures.strip((days,), today=AT).rows
    assert [each.word for each in row.blocks] == ["kept"]


def test_a_parcel_runs_to_where_it_is():
    line = drawn(rtl=False)["parcel"]
    assert [state for _, _, state in line.tracks] == ["past", "past", "next", "next"]
    assert [stop.x for stop in line.stops] == sorted(stop.x for stop in line.stops)


def test_a_consent_is_up_only_while_it_is_given():
    turns = tuple(
        pictures.Turn(SINCE + n * DAY, state)
        for n, state in enumerate(("given", "withdrawn", "given", "expired"))
    )
    (row,) = pictures.steps((pictures.Course("Promotions", turns),), since=SINCE, until=AT).rows
    ups = [y for _, y, state in row.marks if state == "given"]
    downs = [y for _, y, state in row.marks if state != "given"]
    assert max(ups) < min(downs)
    assert row.now == "expired"


def test_a_proof_that_does_not_end_in_the_root_says_so():
    steps = (pictures.Step("bb" * 32, "left", "cc" * 32),)
    assert pictures.climb("aa" * 32, steps, "cc" * 32).reaches
    assert not pictures.climb("aa" * 32, steps, "dd" * 32).reaches
    assert pictures.climb("aa" * 32, (), "aa" * 32).reaches


def test_words_are_broken_into_lines_that_fit_and_cut_with_a_mark():
    lines = wrapped("Pictures for the identity check of a very long kind of name", 120)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(length(line) <= 120 for line in lines)
    assert wrapped("本人確認のための写真を撮影します", 110)[0] == "本人確認のための"
    assert wrapped("", 100) == ("",)
