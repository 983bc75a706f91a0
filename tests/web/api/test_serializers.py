import pytest
from django.utils import timezone
from support.factories import make_conversation

pytestmark = pytest.mark.django_db


def test_times_are_in_utc_in_any_time_zone_of_the_server(call, admin, owner, workspace):
    make_conversation(workspace, owner)
    lists = [
        (admin, "/api/v1/users/"),
        (owner, "/api/v1/workspaces/"),
        (owner, "/api/v1/tokens/"),
        (owner, f"/api/v1/workspaces/{workspace.slug}/members/"),
        (owner, f"/api/v1/workspaces/{workspace.slug}/conversations/"),
    ]

    with timezone.override("Asia/Shanghai"):
        for user, address in lists:
            assert call(user).get(address).json()["results"][0]["created"].endswith("Z")
