"""How the stand-ins' pages look: plainly not Kartini's."""

from html import escape
from urllib.parse import urlsplit

from kartini_outside.server import Answer, html_answer

STYLE = """
:root{color-scheme:light dark;--ink:#1f2430;--paper:#f3f1fb;--card:#fff;--line:#8c87a8;--quiet:#56516f;--key:#4a3fa0}
@media(prefers-color-scheme:dark){:root{--ink:#e9e7f5;--paper:#171522;--card:#232033;--line:#6f6a8c;--quiet:#b3aecb;--key:#b9b0ff}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
header{background:#2c2560;color:#fff;padding:.6rem 1rem;font-size:.9rem}header b{display:block;font-size:1.05rem}
main{max-width:44rem;margin:0 auto;padding:1rem}h1{font-size:1.35rem;margin:.4rem 0 .8rem}h2{font-size:1.05rem}
a{color:var(--key)}ul{list-style:none;padding:0;margin:0}.card{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:.8rem 1rem;margin:0 0 .7rem;overflow-wrap:anywhere}
.quiet{color:var(--quiet);font-size:.87rem;margin:0}pre{white-space:pre-wrap;font:inherit;margin:.3rem 0 0}
.bubble{background:var(--card);border:1px solid var(--line);border-radius:.2rem 1rem 1rem 1rem;padding:.6rem .9rem;margin:0 0 .7rem;max-width:34rem}
button{font:inherit;padding:.55rem 1rem;border-radius:.6rem;border:1px solid var(--key);background:var(--card);color:var(--key);cursor:pointer;margin:.2rem .3rem .2rem 0}
button.main{background:#4a3fa0;color:#fff}label{display:block;margin:.6rem 0 .2rem}input,textarea{font:inherit;width:100%;padding:.5rem;border:1px solid var(--line);border-radius:.5rem;background:var(--card);color:var(--ink)}
:focus-visible{outline:3px solid #e0a100;outline-offset:2px}
"""


def page(institution: str, title: str, body: str, status: int = 200) -> Answer:
    """``body`` is HTML whose parts the caller has escaped."""
    return html_answer(
        f'<!doctype html><html lang="id"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>{escape(title)}</title><style>{STYLE}</style></head><body>'
        f"<header><b>{escape(institution)}</b>Tiruan untuk peragaan, bukan layanan yang sebenarnya</header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>",
        status,
    )


def with_links(text: str) -> str:
    """Escaped text in which web addresses can be followed."""
    words = []
    for word in text.split(" "):
        lines = [_link(part) for part in word.split("\n")]
        words.append("\n".join(lines))
    return " ".join(words)


def _link(word: str) -> str:
    safe = escape(word)
    return f'<a href="{safe}">{safe}</a>' if urlsplit(word).scheme in {"http", "https"} else safe
