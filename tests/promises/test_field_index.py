"""FIELD.md 17 to 36: each item has tests by name, and each of these exists and is collected."""

import ast

import pytest

from tests.house.source import ROOT

PROMISES, FAULTS = "tests/promises/", "tests/faults/"
FORENSICS, ERASURE = f"{PROMISES}test_forensics.py", f"{PROMISES}test_field_erasure.py"
RETENTION, UNDO = f"{PROMISES}test_field_retention.py", f"{PROMISES}test_field_undo.py"
PACKAGE, SHARED = f"{PROMISES}test_field_rights_package.py", "tests/gates/systems/test_database.py"

# Item: what it asks, and the tests that show it; the beginning of a name is enough.
ITEMS = {
    17: ("an expiry or an until event", [f"{RETENTION}::test_field_17_"]),
    18: ("unreadable from the very instant", [f"{RETENTION}::test_field_18_"]),
    19: ("gone within the bound", [f"{RETENTION}::test_field_19_"]),
    20: ("a hold beats the time, visibly", [f"{RETENTION}::test_field_20_"]),
    21: ("a shorter time applies to old data", [f"{RETENTION}::test_field_21_"]),
    22: (
        "searched for in every place",  # there is one grade: keys destroyed, rows and files removed
        [
            f"{FORENSICS}::test_of_whoever_was_erased_no_byte_is_found_and_nothing_opens_but_in_a_window",
            f"{FORENSICS}::test_on_a_server_of_postgresql_no_file_says_anything",
            "tests/privacy/test_canaries.py::test_nothing_told_is_logged_warned_of_or_printed",
            f"{PROMISES}test_forensics_pages.py::test_of_a_member_of_the_pages_nothing_is_left",
        ],
    ),
    23: (
        "every table, and shared rows by their owners",
        [
            f"{ERASURE}::test_field_23_",
            f"{SHARED}::test_a_row_with_several_owners_stays_for_the_other_and_names_the_erased_no_more",
            f"{SHARED}::test_what_is_owned_through_a_table_of_owners_goes_with_the_last_of_them",
        ],
    ),
    24: ("no orphan, no dangling reference", [f"{ERASURE}::test_field_24_"]),
    25: ("no identifier in rows of others", [f"{ERASURE}::test_field_25_"]),
    26: ("nothing can be inferred", [f"{ERASURE}::test_field_26_"]),
    27: ("the ledger stays verifiable", [f"{ERASURE}::test_field_27_"]),
    28: (
        "a restored backup replays erasures",
        [
            f"{FORENSICS}::test_whoever_was_erased_is_not_in_the_house_that_is_restored_from_before",
            f"{PROMISES}test_t5_copies.py::test_t5_",
        ],
    ),
    29: ("joins again as somebody new", [f"{UNDO}::test_field_29_"]),
    30: ("undone inside the days, not after", [f"{UNDO}::test_field_30_"]),
    31: (
        "each table and edge has a rule of deletion, each class a true end",
        [
            f"{ERASURE}::test_field_31_",
            "tests/terms/test_gaps.py::test_a_collection_and_its_class_must_name_each_other",
            "tests/terms/test_gaps.py::test_a_retention_without_a_true_end_is_an_error",
        ],
    ),
    32: (
        "a crash in the middle resumes",
        [
            f"{FAULTS}test_kill.py::test_a_house_that_is_killed_at_any_statement_is_whole",
            f"{FAULTS}test_kill_demands.py::test_an_erasure_that_is_demanded_is_whole_or_was_never_filed",
            f"{FAULTS}test_kill_grace.py::test_the_end_of_a_grace_that_is_cut_off_is_finished",
            f"{FAULTS}test_copies.py::test_a_restore_that_is_killed_at_any_moment_is_done_by_running_it_again",
            f"{FAULTS}test_kill_copies.py::test_a_restore_that_is_cut_off_at_any_unit_opens_nothing",
            f"{FAULTS}test_kill_packages.py::test_a_package_that_is_cut_off_is_made_by_the_next_sweep",
            f"{FAULTS}test_kill_transfers.py::test_what_is_taken_in_of_a_package_is_there_once",
            f"{FAULTS}test_kill_partitions.py::test_a_partition_whose_drop_is_cut_off_goes_whole_with_one_line",
        ],
    ),
    33: ("an export is complete", [f"{PACKAGE}::test_field_33_"]),
    34: (
        "a correction reaches copies",
        [
            "tests/acts/test_correct.py::test_the_index_follows_so_that_the_old_name_is_free",
            "tests/acts/test_correct.py::test_a_corrected_picture_replaces_the_old_one_and_its_file",
            "tests/custody/demands/test_performing.py::test_a_correction_and_an_erasure_without_a_demand_tell_other",
        ],
    ),
    35: ("moved and moved on, it is what it was", [f"{PACKAGE}::test_field_35_"]),
    36: ("deadlines are tracked and escalated", [f"{ERASURE}::test_field_36_"]),
}


@pytest.mark.parametrize("item", range(17, 37))
def test_each_item_of_the_field_is_shown_by_tests_that_exist(item):
    assert ITEMS[item][0]
    for named in ITEMS[item][1]:
        path, _, beginning = named.partition("::")
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        tests = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert [name for name in tests if name.startswith("test_") and name.startswith(beginning)], named


def test_every_test_that_names_an_item_of_the_field_is_in_the_index():
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        where = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_field_"):
                item = int(node.name.split("_")[2])
                assert any(f"{where}::{node.name}".startswith(named) for named in ITEMS[item][1]), node.name
