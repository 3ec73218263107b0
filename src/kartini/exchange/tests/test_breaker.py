"""Who failed five times in a row is left alone: another system for ten seconds, our own web process for one."""

import time

import pytest

from kartini.exchange import breaker


@pytest.mark.parametrize(("url", "pause"), [("https://elsewhere.example/r1", 10.0), ("", 1.0)])
def test_who_failed_is_left_alone_for_a_while_and_then_tried_by_one(
    url: str, pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    guard, who = breaker.Breaker(), ("pengumuman.latest.v1", url)
    for _ in range(breaker.FAILURES):
        assert guard.lets(who)
        guard.went(who, well=False)
    now[0] += pause - 0.1
    assert not guard.lets(who)
    now[0] += 0.2
    assert [guard.lets(who), guard.lets(who)] == [True, False]
    guard.went(who, well=True)
    assert guard.lets(who)
