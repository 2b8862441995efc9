"""How the status of any answer is read, and how far a route gets."""

from collections.abc import Generator

import pytest
from samples import an_exchange

from archiver.calls import answer, until_fails
from archiver.errors import ArchiverError, Gone, NetworkError, Refused
from archiver.http.message import Request, Response
from archiver.http.outcome import decided
from archiver.routes import follow


def test_an_answer_is_its_json() -> None:
    assert answer(decided(an_exchange())) == {"id": "1"}


@pytest.mark.parametrize(
    ("status", "error"), [(404, Gone), (410, Gone), (401, Refused), (403, Refused), (451, Refused), (418, Refused)]
)
def test_a_no_is_an_error_that_names_the_address(status: int, error: type[ArchiverError]) -> None:
    with pytest.raises(error, match=f"https://social.example/api/1 answered {status}"):
        answer(decided(an_exchange(status=status)))


def pages(seen: list[int]) -> Generator[Request, Response, None]:
    for number in range(3):
        response = yield Request(url=f"https://social.example/{number}")
        seen.append(response.status)


def route(seen: list[int]) -> Generator[Request, Response, str]:
    return (yield from until_fails(pages(seen), seen))


def test_calls_are_made_until_one_fails_and_what_they_showed_stays() -> None:
    def send(request: Request) -> Response:
        if request.url.endswith("/2"):
            raise NetworkError("no answer")
        return decided(an_exchange(request.url, request=request))

    seen: list[int] = []
    assert follow(route(seen), send) == "no answer"
    assert seen == [200, 200]


def test_calls_that_end_by_themselves_have_no_reason() -> None:
    seen: list[int] = []
    assert follow(route(seen), lambda request: decided(an_exchange(request.url, request=request))) == ""
    assert seen == [200, 200, 200]


def test_an_error_before_anything_was_collected_is_the_error_of_the_route() -> None:
    def send(request: Request) -> Response:
        raise NetworkError("no answer")

    with pytest.raises(NetworkError, match="no answer"):
        follow(route([]), send)
