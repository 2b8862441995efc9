"""What requests cost, and who has to say yes to it."""

import pytest
from samples import NOON

from archiver.errors import NetworkError, Refused
from archiver.http.message import Request, Response
from archiver.http.spending import Spending

FREE = Request(url="https://api.example/free")


def billed(reads: int) -> Request:
    return Request(url=f"https://api.example/{reads}?query=x", reads=reads)


class Bill:
    """Answers everything; `asked` holds what was asked for."""

    def __init__(self, status: int = 200):
        self.status = status
        self.asked: list[int] = []

    def __call__(self, request: Request) -> Response:
        self.asked.append(request.reads)
        return Response(request=request, url=request.url, status=self.status, headers=(), body=b"", fetched_at=NOON)


def saying(answers: list[bool], questions: list[str]) -> object:
    def ask(question: str) -> bool:
        questions.append(question)
        return answers.pop(0)

    return ask


def test_what_the_limit_allows_goes_out_without_a_question() -> None:
    bill = Bill()
    spending = Spending(bill, 0.005, 0.05, saying([], []))
    for reads in (2, 2, 6):
        assert spending(billed(reads)).status == 200
    assert bill.asked == [2, 2, 6]


def test_ten_small_sums_are_not_more_than_their_total() -> None:
    bill = Bill()
    spending = Spending(bill, 0.1, 1.0)
    for _ in range(10):
        spending(billed(1))
    assert bill.asked == [1] * 10


def test_what_costs_nothing_is_never_a_question() -> None:
    bill = Bill()
    spending = Spending(bill, 1.0, 0.0)
    spending(FREE)
    with pytest.raises(Refused):
        spending(billed(1))
    spending(FREE)
    assert bill.asked == [0, 0]


def test_without_anybody_to_ask_it_is_refused_and_told_how_to_allow_it() -> None:
    spending = Spending(Bill(), 0.005, 0.05)
    spending(billed(2))
    with pytest.raises(Refused) as caught:
        spending(billed(43))
    told = "asking api.example would cost up to $0.23 so far; allow it, such as with --max-cost 1.00"
    assert str(caught.value) == told


def test_what_is_told_to_be_allowed_is_enough() -> None:
    bill = Bill()
    Spending(bill, 0.005, 0.23)(billed(45))
    assert bill.asked == [45]


def test_a_yes_allows_what_was_asked_and_no_more() -> None:
    bill, questions = Bill(), []
    spending = Spending(bill, 0.005, 0.05, saying([True, True], questions))
    for reads in (2, 46, 2):
        spending(billed(reads))
    assert bill.asked == [2, 46, 2]
    assert questions == [
        "api.example charges for what it shows; together this may cost up to $0.24. Go on?",
        "api.example charges for what it shows; together this may cost up to $0.25. Go on?",
    ]


def test_a_no_is_not_asked_again_and_small_things_go_on() -> None:
    bill, questions = Bill(), []
    spending = Spending(bill, 0.005, 0.05, saying([False], questions))
    for _ in range(2):
        with pytest.raises(Refused, match=r"\$0\.50 so far.* --max-cost 1\.00"):
            spending(billed(100))
    spending(billed(10))
    assert (bill.asked, len(questions)) == ([10], 1)


def test_an_answer_that_says_no_costs_nothing() -> None:
    bill = Bill(status=403)
    spending = Spending(bill, 0.01, 0.05)
    for _ in range(3):
        spending(billed(5))
    bill.status = 200
    spending(billed(5))
    with pytest.raises(Refused):
        spending(billed(1))


def test_what_may_have_been_billed_counts_although_no_answer_came() -> None:
    def broken(request: Request) -> Response:
        raise NetworkError("cut")

    spending = Spending(broken, 0.01, 0.05)
    with pytest.raises(NetworkError):
        spending(billed(5))
    with pytest.raises(Refused):
        spending(billed(1))
