"""Every kind of page there is, as addresses with the names of things in them. `browser/` looks at all of them."""

from typing import Final

PAGES = [
    "/",
    "/account/",
    "/users/",
    "/groups/",
    "/connections/",
    "/defaults/",
    "/formats/",
    "/workspaces/new/",
    "/nowhere/",
    "/w/{slug}/",
    "/w/{slug}/documents/",
    "/w/{slug}/documents/?q=nothing",
    "/w/{slug}/documents/?sort=-size&status=ready",
    "/w/{slug}/documents/{document}/",
    "/w/{slug}/search/",
    "/w/{slug}/search/?query=books",
    "/w/{slug}/search/?query=xylophone&mode=lexical",
    "/w/{slug}/members/",
    "/w/{slug}/settings/",
    "/w/{slug}/folders/",
    "/w/{slug}/c/{conversation}/",
    "/w/{empty}/",
    "/w/{empty}/documents/",
    "/w/{empty}/search/",
]
THEMES: Final = ("light", "dark")
SIZES = {"phone": (360, 780), "tablet": (800, 1000), "desk": (1440, 900)}
