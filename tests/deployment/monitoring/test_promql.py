"""Names are taken out of expressions, and nothing else."""

import pytest

from barque.deployment.monitoring.promql import matched_labels, meters


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("up", {"up"}),
        ('up{job="api"} == 0 or absent(up{job="trader"})', {"up"}),
        ("sum by (le, v) (rate(a_bucket[5m])) / on (v) group_left b", {"a_bucket", "b"}),
        ("histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m] offset 7d)))", {"a_bucket"}),
        ("(max(a) > bool 0)[5m:15s]", {"a"}),
        ("barque:reads:error_ratio_rate5m > 14.4 * 0.0005", {"barque:reads:error_ratio_rate5m"}),
        ("a{text=\"b or c\"} unless ignoring(x) d > 1e9", {"a", "d"}),
        ("vector(1)", set()),
        ("time() - a > Inf", {"a"}),
    ],
)  # fmt: skip
def test_the_meters_of_an_expression(expression: str, names: set[str]) -> None:
    assert meters(expression) == names


def test_the_labels_that_meters_are_chosen_by() -> None:
    expression = 'a{job=~"api|trader",code!="5=0"} / b{le="+Inf"} + c'

    assert set(matched_labels(expression)) == {("a", "job"), ("a", "code"), ("b", "le")}
