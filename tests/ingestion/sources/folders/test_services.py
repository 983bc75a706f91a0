import os

import pytest

from ingestion.models.sources import WatchedFolder
from ingestion.sources.folders.services import connect_folder, due
from ingestion.sources.folders.watch_roots import roots_for
from web.exceptions import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def share(tmp_path, settings):
    share = tmp_path / "mnt" / "share"
    (share / "inner").mkdir(parents=True)
    settings.WATCH_ROOTS = (str(tmp_path / "mnt"),)
    return share


def refusal(workspace, path) -> str:
    with pytest.raises(Refusal) as caught:
        connect_folder(workspace=workspace, path=str(path), by=None)
    assert str(caught.value).endswith(".")
    return caught.value.code


def test_a_folder_below_a_root_is_connected(
    workspace, share, owner, woken, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        folder = connect_folder(workspace=workspace, path=f" {share} ", by=owner)

    assert (folder.path, folder.label, folder.added_by) == (str(share), "share", owner)
    assert woken == ["ingestion.tasks.maintain_folders"]
    assert due().get() == folder


def test_without_a_root_there_is_nothing_to_connect(workspace, share, settings):
    settings.WATCH_ROOTS = ()

    assert refusal(workspace, share) == "folder_not_allowed"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/etc",
        "{share}/../..",
        "{share}/../../etc",
        "relative",
        "",
        "{share}\x00/../../..",
        "{share}x",
    ],
)
def test_existing_and_missing_folders_outside_the_roots_are_refused_alike(workspace, share, path):
    (share.parent.parent / "sharex").mkdir()

    assert refusal(workspace, path.format(share=share)) in {"folder_not_allowed", "folder_missing"}
    assert (
        refusal(workspace, "/etc") == refusal(workspace, "/no/such/folder") == "folder_not_allowed"
    )


def test_a_link_is_judged_by_its_target(workspace, share, tmp_path):
    (share / "out").symlink_to("/etc")
    (tmp_path / "in").symlink_to(share)

    assert refusal(workspace, share / "out") == "folder_not_allowed"
    assert connect_folder(workspace=workspace, path=str(tmp_path / "in"), by=None).path == str(
        share
    )


def test_a_root_may_be_for_one_workspace(workspace, place, share, settings):
    settings.WATCH_ROOTS = (f"{workspace.slug} = {share}", "relative/is/none")

    assert roots_for(workspace) == [share]
    assert roots_for(place) == []


def test_a_missing_folder_and_a_file_are_refused(workspace, share):
    (share / "file").write_text("x")

    assert refusal(workspace, share / "nothing") == "folder_missing"
    assert refusal(workspace, share / "file") == "folder_missing"


def test_folders_of_one_workspace_do_not_overlap(workspace, place, share):
    connect_folder(workspace=workspace, path=str(share), by=None)

    for path in (share, share / "inner", share.parent):
        assert refusal(workspace, path) == "folder_overlaps"
    assert connect_folder(workspace=place, path=str(share), by=None)


def test_two_folders_of_one_name_get_different_labels(workspace, share):
    (share.parent / "b" / "inner").mkdir(parents=True)

    labels = [
        connect_folder(workspace=workspace, path=str(path), by=None).label
        for path in (share / "inner", share.parent / "b" / "inner")
    ]

    assert labels == ["inner", "inner 2"]


def test_only_owners_see_folders(workspace, share, owner, editor, stranger):
    connect_folder(workspace=workspace, path=str(share), by=owner)

    assert WatchedFolder.objects.visible_to(owner).exists()
    assert not WatchedFolder.objects.visible_to(editor).exists()
    assert not WatchedFolder.objects.visible_to(stranger).exists()


def test_a_folder_with_an_odd_name_gets_a_label_when_possible(workspace, share):
    odd = share / ("年度\n" + "x" * 200)
    odd.mkdir()
    nameless = os.fsencode(share) + b"/\xff"
    os.mkdir(nameless)

    assert len(connect_folder(workspace=workspace, path=str(odd), by=None).label) <= 100
    assert refusal(workspace, os.fsdecode(nameless)) == "folder_missing"
