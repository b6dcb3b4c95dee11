"""What makes an app of the pages: the service worker and the web app manifest. Both say nothing of who asks."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import get_language

from teahouse.web import manifest

# Of client/src/ui/tokens.css, light.
_PAPER = "#f4f0e6"
_ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("maskable-512.png", "512x512", "maskable"),
)


def service_worker(request: HttpRequest) -> HttpResponse:
    """`client/public/sw.js` at the root, which it serves. It begins with its version; asked for again each time."""
    try:
        version = manifest.version()
        source = (manifest.FOLDER / "sw.js").read_text()
    except (manifest.NotBuilt, FileNotFoundError):
        return HttpResponse(f"{manifest.NotBuilt.__doc__}\n", status=503, content_type="text/plain")
    response = HttpResponse(f'const VERSION = "{version}"\n{source}', content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def web_manifest(request: HttpRequest) -> HttpResponse:
    """https://www.w3.org/TR/appmanifest/"""
    is_chinese = (get_language() or "").startswith("zh")
    name = "茶馆" if is_chinese else "Teahouse"
    response = JsonResponse(
        {
            "id": "/",
            "name": name,
            "short_name": name,
            "lang": "zh-Hans" if is_chinese else "en",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": _PAPER,
            "theme_color": _PAPER,
            "icons": [
                {"src": static(f"teahouse/{file}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
                for file, sizes, purpose in _ICONS
            ],
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )
    response["Cache-Control"] = "no-cache"
    return response
