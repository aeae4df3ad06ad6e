"""Shows that the comparison notices what it should: a judge that cannot find fault is none.

selftest.py      needs no server
"""

import datetime
import re
import unittest

from call import Call
from compare import Judgement, differences, fields
from differences import ABSENT, DIFFERENCES, MOST_ROWS, Row
from normalize import normalize
from sequence import SEQUENCE
from side import Side

READ = Call("a read", "elbv2", "DescribeThings")


def fine(**body) -> dict:
    return {"status": 200, "body": body}


def refusal(code: str, message: str = "no", status: int = 400) -> dict:
    return {"status": status, "code": code, "message": message, "body": {}}


def findings(moto: dict, sandbox: dict, rows: list[Row] | None = None, call: Call = READ) -> list[str]:
    judgement = Judgement(rows=rows or [])
    judgement.compare(call, moto, sandbox)
    return judgement.findings + judgement.unused()


class TheComparison(unittest.TestCase):
    def test_finds_nothing_where_answers_agree(self):
        self.assertEqual(findings(fine(Name="x", Port=1), fine(Name="x", Port=1)), [])

    def test_finds_another_value_another_type_and_a_field_that_is_missing_on_either_side(self):
        self.assertEqual(fields("", {"a": 1}, {"a": 2}), [("a", 1, 2)])
        self.assertEqual(fields("", {"a": False}, {"a": 0}), [("a", False, 0)])
        self.assertEqual(fields("", {"a": 1}, {}), [("a", 1, ABSENT)])
        self.assertEqual(fields("", {}, {"a": 1}), [("a", ABSENT, 1)])
        self.assertEqual(fields("", {"a": [1]}, {"a": [1, {"b": 2}]}), [("a[1]", ABSENT, {"b": 2})])

    def test_finds_another_status_and_another_code(self):
        self.assertEqual(differences(READ, fine(), refusal("Nope")), [("outcome", "200", "400 Nope")])
        self.assertEqual(differences(READ, refusal("A"), refusal("B")), [("outcome", "400 A", "400 B")])
        self.assertEqual(differences(READ, refusal("A"), refusal("A", status=403)), [("outcome", "400 A", "403 A")])

    def test_finds_another_message_unless_it_is_free(self):
        self.assertEqual(len(findings(refusal("ValidationError", "one"), refusal("ValidationError", "two"))), 1)
        self.assertEqual(findings(refusal("ResourceInUse", "one"), refusal("ResourceInUse", "two")), [])

    def test_a_row_covers_its_pair_and_no_other(self):
        row = Row("it is known", "elbv2:Describe.*", r"Things\.(?P<field>\w+)", {"Port": (1, 2)}, "a manual")
        self.assertEqual(findings(fine(Things={"Port": 1}), fine(Things={"Port": 2}), [row]), [])
        other = findings(fine(Things={"Port": 1}), fine(Things={"Port": 3}), [row])
        self.assertEqual(len(other), 2, "the difference, and the row that was not needed")

    def test_a_row_that_nothing_needs_is_a_finding(self):
        row = Row("it was known", "elbv2:.*", r"(?P<field>outcome)", {"outcome": ("200", "400 Nope")}, "a manual")
        self.assertEqual(len(findings(fine(), fine(), [row])), 1)

    def test_every_pair_of_a_row_must_be_needed(self):
        row = Row("it was known", "elbv2:.*", r"(?P<field>Port)", {"Port": [(1, 2), (1, 3)]}, "a manual")
        self.assertEqual(len(findings(fine(Port=1), fine(Port=2), [row])), 1)


class WhatIsTakenOut(unittest.TestCase):
    def test_references_stay_comparable(self):
        one = normalize({"Arn": "arn:one/abcd1234", "Of": "arn:one/abcd1234/efgh"}, {"lb": "arn:one/abcd1234"})
        other = normalize({"Arn": "arn:two/98765432", "Of": "arn:two/98765432/efgh"}, {"lb": "arn:two/98765432"})
        wrong = normalize({"Arn": "arn:two/98765432", "Of": "arn:two/00000000/efgh"}, {"lb": "arn:two/98765432"})
        self.assertEqual(one, other)
        self.assertNotEqual(one, wrong)

    def test_the_presence_of_a_time_is_compared_and_its_value_is_not(self):
        first, later = (datetime.datetime(year, 1, 1) for year in (2025, 2026))
        self.assertEqual(normalize({"createdAt": first}, {}), normalize({"createdAt": later}, {}))
        self.assertNotEqual(normalize({"createdAt": first}, {}), normalize({}, {}))

    def test_the_order_of_tags_does_not_count_and_their_content_does(self):
        tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
        self.assertEqual(normalize({"Tags": tags}, {}), normalize({"Tags": tags[::-1]}, {}))
        self.assertNotEqual(normalize({"Tags": tags}, {}), normalize({"Tags": tags[:1]}, {}))

    def test_the_order_of_a_listing_of_objects_counts(self):
        keys = [{"Key": "a", "Size": 1}, {"Key": "b", "Size": 1}]
        self.assertNotEqual(normalize({"Contents": keys}, {}), normalize({"Contents": keys[::-1]}, {}))

    def test_zero_false_and_the_empty_text_are_kept(self):
        self.assertEqual(normalize({"a": 0, "b": False, "c": "", "d": [], "e": {}}, {}), {"a": 0, "b": False, "c": ""})


class TheTableAndTheSequence(unittest.TestCase):
    def test_the_table_is_short_and_names_its_sources(self):
        self.assertLessEqual(len(DIFFERENCES), MOST_ROWS)
        self.assertTrue(all(row.about and row.source and row.pairs for row in DIFFERENCES))
        for row in DIFFERENCES:
            self.assertTrue(all(one != other for key in row.pairs for one, other in row.allowed(key)), row.about)

    def test_every_row_is_about_an_operation_of_the_sequence(self):
        for row in DIFFERENCES:
            self.assertTrue(any(re.fullmatch(row.where, call.where) for call in SEQUENCE), row.about)

    def test_each_side_fills_in_its_own_names(self):
        side = Side("one", "http://127.0.0.1:9")
        side.names["lb"] = "arn:one"
        self.assertEqual(
            side.fill({"Arns": ["<lb>"], "Text": "of <lb>", "Count": 1}), {"Arns": ["arn:one"], "Text": "of arn:one", "Count": 1}
        )


if __name__ == "__main__":
    unittest.main()
