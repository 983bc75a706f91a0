"""Signing in as people do: by the form."""

from playwright.sync_api import Page
from support.running_server import ADMIN


def sign_in(page: Page, email: str = ADMIN["email"], password: str = ADMIN["password"]) -> None:
    """Fill in the form of the sign-in page, in English, and wait until one is in."""
    page.goto("/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
