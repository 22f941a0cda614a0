"""The result of an audit as one HTML page for people: nothing in it is fetched, and nothing in it obeys a stranger.

Texts of strangers (reasons, names, faults that quote content) are escaped by Jinja, and their invisible characters
shown as codes. A content security policy allows the page's own style and script by their hashes and nothing else, so
that even what slipped through would not run.
"""

from anomalyhive.audit.page.rendering import render

__all__ = ["render"]
