"""A face is served by its host's name, whole, packed and closed; everything else reaches the API as before."""

import gzip
from pathlib import Path

import pytest

from tiao.web.faces import Faces, Message, Receive, Scope, Send

pytestmark = pytest.mark.anyio

SCRIPT = b"console.log(1);" * 200


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "ops" / "assets").mkdir(parents=True)
    (tmp_path / "ops" / ".vite").mkdir()
    (tmp_path / "ops" / ".vite" / "manifest.json").write_text("{}")
    (tmp_path / "ops" / "index.html").write_bytes(b'<meta content="__NONCE__"><div id="root"></div>')
    (tmp_path / "ops" / "assets" / "a-1.js").write_bytes(SCRIPT)
    return tmp_path


async def below(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b"below"})


async def nothing() -> Message:
    return {"type": "http.request"}


async def asked(
    root: Path, path: str, host: str = "ops.localhost:8000", method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    given = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    await Faces(below, root, session_cookie="signed-in")(scope, nothing, send)
    start, body = said
    return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body["body"]


@pytest.mark.parametrize("path", ["/", "/queue", "/customers/cus_1", "/v1", "/v1x/a"])
async def test_a_place_within_the_application_is_its_page(root: Path, path: str) -> None:
    status, headers, body = await asked(root, path)
    assert (status, headers["cache-control"]) == (200, "no-cache")
    assert b'id="root"' in body


async def test_every_page_has_a_nonce_of_its_own_and_lets_nothing_foreign_in(root: Path) -> None:
    nonces = set()
    for _ in range(3):
        _, headers, body = await asked(root, "/")
        nonce = body.split(b'"')[1].decode()
        nonces.add(nonce)
        policy = headers["content-security-policy"]
        assert f"'nonce-{nonce}'" in policy
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in policy
        assert "http" not in policy
    assert len(nonces) == 3


async def test_a_file_is_packed_for_whoever_can_unpack_it_and_kept_for_ever(root: Path) -> None:
    status, headers, body = await asked(root, "/assets/a-1.js", accept_encoding="gzip, br")
    assert (status, headers["content-encoding"], gzip.decompress(body)) == (200, "gzip", SCRIPT)
    assert headers["content-type"] == "text/javascript"
    assert "immutable" in headers["cache-control"]
    assert headers["vary"] == "accept-encoding"
    _, plain, body = await asked(root, "/assets/a-1.js")
    assert ("content-encoding" in plain, body) == (False, SCRIPT)


@pytest.mark.parametrize(
    "path",
    [
        "/assets/b.js",
        "/../pyproject.toml",
        "/assets/../../secret.txt",
        "/.vite/manifest.json",
        "/%2e%2e/x.txt",
        "//x.js",
    ],
)
async def test_what_was_not_built_is_not_there(root: Path, path: str) -> None:
    assert (await asked(root, path))[0] == 404


@pytest.mark.parametrize("path", ["/v1/session", "/health/ready", "/cashier/abc", "/s/abc", "/l/abc"])
async def test_the_api_and_pages_that_links_lead_to_answer_on_every_host(root: Path, path: str) -> None:
    assert (await asked(root, path))[0] == 418


@pytest.mark.parametrize("host", ["localhost:8000", "api.example.com", "opsx.example.com", "", "127.0.0.1"])
async def test_other_hosts_are_left_alone(root: Path, host: str) -> None:
    assert (await asked(root, "/", host))[0] == 418


async def test_pages_are_only_read(root: Path) -> None:
    assert (await asked(root, "/", method="POST"))[0] == 405
    assert (await asked(root, "/", method="HEAD"))[2] == b""


async def test_without_pages_it_says_how_to_get_them(tmp_path: Path) -> None:
    status, _, body = await asked(tmp_path, "/")
    assert status == 503
    assert b"make web" in body
