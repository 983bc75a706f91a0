import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from support.factories import make_workspace

from ingestion.models import Document
from ingestion.queue import claims

Status = Document.Status


@pytest.fixture
def workspace(db):
    return make_workspace()


def after(seconds: float) -> object:
    return timezone.now() + timedelta(seconds=seconds)


def test_a_claimed_document_cannot_be_claimed_again(workspace, queued):
    document = queued(workspace)

    claimed = claims.claim_next()

    assert claimed == document
    assert claimed.status == Status.PROCESSING
    assert claimed.stage == Document.Stage.PARSE
    assert claims.claim_next() is None


def test_documents_of_a_workspace_are_claimed_in_order_of_arrival(workspace, queued):
    names = [queued(workspace, f"{number}.txt", due=after(number - 10)).name for number in range(3)]

    assert [claims.claim_next().name for _ in names] == names


def test_one_document_does_not_wait_behind_a_thousand_of_another_workspace(workspace, queued):
    many = [queued(workspace, due=after(-100)) for _ in range(5)]
    other = make_workspace()
    single = queued(other)

    first, second, third = (claims.claim_next() for _ in range(3))

    assert {first.workspace, second.workspace} == {workspace, other}
    assert single in (first, second)
    assert third in many


def test_the_workspace_served_longest_ago_comes_first(workspace, queued):
    other = make_workspace()
    served = {workspace: after(-10), other: after(-20)}
    for place, when in served.items():
        queued(place, status=Status.READY, claimed_at=when)
        queued(place)

    assert claims.claim_next().workspace == other


def test_a_document_that_is_not_due_waits(workspace, queued):
    queued(workspace, due=after(60))

    assert claims.claim_next() is None


def test_an_excluded_workspace_is_not_claimed_from(workspace, queued):
    queued(workspace)

    assert claims.claim_next(leaving_out=[workspace.pk]) is None


def test_documents_of_a_deleted_workspace_are_not_claimed(workspace, queued):
    queued(workspace)
    workspace.deleted = timezone.now()
    workspace.save()

    assert claims.claim_next() is None
    assert not claims.due().exists()


def test_a_document_of_a_dead_worker_is_taken_over_after_its_lease(workspace, queued):
    queued(workspace)
    dead = claims.claim_next()
    assert claims.claim_next() is None
    Document.objects.update(due=after(-1))

    taken = claims.claim_next()

    assert taken == dead
    assert taken.takeovers == 1
    assert claims.held(taken).exists()
    assert not claims.held(dead).exists()


def test_a_document_is_taken_over_up_to_the_limit(workspace, queued):
    queued(workspace, status=Status.PROCESSING, takeovers=claims.MAX_TAKEOVERS - 1, due=after(-1))

    assert claims.claim_next().takeovers == claims.MAX_TAKEOVERS


def test_a_document_that_was_never_claimed_is_held_by_no_worker(workspace, queued):
    assert not claims.held(queued(workspace)).exists()


def test_a_document_beyond_the_takeover_limit_fails(workspace, queued):
    document = queued(
        workspace, status=Status.PROCESSING, takeovers=claims.MAX_TAKEOVERS, due=after(-1)
    )
    other = queued(workspace)

    assert claims.claim_next() == other

    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert document.error["code"] == "worker_died"


def test_renewing_a_claim_extends_the_lease_and_never_lowers_progress(workspace, queued):
    queued(workspace)
    document = claims.claim_next()
    Document.objects.update(due=after(1))

    assert claims.renew(document, stage="embed", progress=0.7)
    assert claims.renew(document, stage="index", progress=0.2)

    document.refresh_from_db()
    assert (document.stage, document.progress) == ("index", 0.7)
    assert document.due > after(20)


@pytest.mark.parametrize(
    "write", [claims.give_back, lambda document: claims.fail(document, "internal")]
)
def test_a_worker_without_its_claim_changes_no_row(workspace, queued, write):
    queued(workspace)
    loser = claims.claim_next()
    Document.objects.update(due=after(-1))
    winner = claims.claim_next()

    assert not write(loser)
    assert not claims.renew(loser, stage="index", progress=1)

    winner.refresh_from_db()
    assert winner.status == Status.PROCESSING
    assert claims.held(winner).exists()


def test_a_returned_document_is_claimed_next_without_a_takeover(workspace, queued):
    queued(workspace)
    document = claims.claim_next()

    claims.give_back(document)

    assert claims.claim_next().takeovers == 0


def test_a_postponed_document_waits_longer_each_time_and_has_an_error(workspace, queued):
    queued(workspace)

    for attempts in range(3):
        document = claims.claim_next()
        claims.postpone(document, "provider_unavailable", {"message": "No answer."})
        document.refresh_from_db()

        assert document.error == {"code": "provider_unavailable", "message": "No answer."}
        wait = document.due - timezone.now()
        assert (
            claims.retry_delay(attempts) - timedelta(seconds=2)
            < wait
            <= claims.retry_delay(attempts) + timedelta(seconds=2)
        )
        assert claims.claim_next() is None
        Document.objects.update(due=after(-1))


def test_a_document_postponed_too_often_fails(workspace, queued):
    queued(workspace, attempts=claims.MAX_ATTEMPTS)

    claims.postpone(claims.claim_next(), "provider_unavailable", {"message": "No answer."})

    assert Document.objects.get().status == Status.FAILED


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(1, claims.FIRST_RETRY_DELAY), (60, timedelta(seconds=60)), (10**6, claims.MAX_RETRY_DELAY)],
    ids=["less than a pause", "more", "too much"],
)
def test_a_document_waits_for_the_delay_of_the_server_within_limits(
    workspace, queued, asked, seconds
):
    queued(workspace, sealed_password=b"sealed")

    claims.postpone(claims.claim_next(), "provider_busy", after=asked)

    document = Document.objects.get()
    assert abs(document.due - timezone.now() - seconds) < timedelta(seconds=2)
    assert bytes(document.sealed_password) == b"sealed"
    assert not claims.due().exists()


def test_no_retry_delay_exceeds_ten_minutes():
    assert claims.retry_delay(20) == timedelta(minutes=10)


def test_places_count_the_due_documents_of_one_workspace(workspace, queued):
    queued(make_workspace(), due=after(-100))
    queued(workspace, due=after(600))
    second, first = queued(workspace, due=after(-10)), queued(workspace, due=after(-20))

    assert claims.places(workspace.pk) == {first.pk: 1, second.pk: 2}
    assert claims.places(workspace.pk, among=[second.pk]) == {second.pk: 2}


def test_a_requeued_document_is_due_at_once_with_reset_attempts(workspace, queued):
    queued(
        workspace,
        status=Status.FAILED,
        attempts=claims.MAX_ATTEMPTS,
        takeovers=claims.MAX_TAKEOVERS,
        due=after(600),
    )

    assert claims.requeue(Document.objects.all()) == 1

    document = claims.claim_next()
    assert (document.attempts, document.takeovers) == (0, 0)


def test_a_claim_returns_the_password_and_deletes_the_stored_one(workspace, queued):
    queued(workspace, sealed_password=b"sealed")

    document = claims.claim_next()

    assert bytes(document.sealed_password) == b"sealed"
    assert Document.objects.get().sealed_password is None

    claims.give_back(document)

    assert bytes(Document.objects.get().sealed_password) == b"sealed"


def test_finding_the_next_document_does_not_read_the_whole_queue(
    workspace, django_assert_num_queries, queued
):
    first, *_others = [queued(workspace) for _ in range(3)]

    with django_assert_num_queries(2):
        taken = claims.claim_next()

    assert taken == first


@pytest.mark.django_db(transaction=True)
def test_many_workers_claim_each_document_once(queued):
    workspaces = [make_workspace() for _ in range(3)]
    documents = {queued(workspaces[number % 3]).pk for number in range(30)}
    claimed: list[object] = []

    def work() -> None:
        while (document := claims.claim_next()) is not None:
            claimed.append(document.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(claimed) == len(documents)
    assert set(claimed) == documents


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most", [1, 8])
def test_a_claim_skips_locked_documents(queued, most):
    workspace = make_workspace()
    first, second, third = (
        queued(workspace, f"{number}.txt", due=after(number - 10)) for number in range(3)
    )
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Document.objects.select_for_update().filter(pk=first.pk))
            locked.set()
            done.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(20)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        taken = [document for _ in range(2) for document in claims.claim_several(most=most)]
    finally:
        done.set()
        holder.join(20)
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")

    assert taken == [second, third]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("claim", [lambda: [claims.claim_next()], claims.claim_several])
def test_a_claim_does_not_wait_for_another_transaction(queued, claim):
    workspace = make_workspace()
    first, *others = [
        queued(workspace, media_type="text/markdown", chunk_count=0) for _ in range(3)
    ]
    claimed, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            assert claims.claim_next() == first
            claimed.set()
            may_end.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert claimed.wait(20)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            taken = claim()
    finally:
        may_end.set()
        holder.join(20)

    assert taken == others[: len(taken)]
    assert len(taken) == (2 if claim is claims.claim_several else 1)
