"""Code with its words marked by Pygments' short classes. Languages are a fixed list: nothing is guessed."""

import functools
import html
import importlib
import re
from types import ModuleType
from typing import Final

from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.token import STANDARD_TYPES

# Of a whole message; more is shown plain. Marks make code ten times as long, at worst thirty, and lexers are slow.
MOST_CHARS: Final = 4_000
# The lexers of C and Java look at each space of a run again from each space before it.
_LONG_GAP = re.compile(r"\s{60}")

# Module of pygments.lexers and class by the language's name in the HTML, with what else people call it.
_LANGUAGES = """
bash        shell       BashLexer           sh shell zsh
c           c_cpp       CLexer              h
cpp         c_cpp       CppLexer            c++ cc hpp
csharp      dotnet      CSharpLexer         cs c#
css         css         CssLexer
dart        javascript  DartLexer
diff        diff        DiffLexer           patch
docker      configs     DockerLexer         dockerfile
go          go          GoLexer             golang
html        html        HtmlLexer           htm vue
ini         configs     IniLexer            cfg conf
java        jvm         JavaLexer
javascript  javascript  JavascriptLexer     js jsx mjs
json        data        JsonLexer
kotlin      jvm         KotlinLexer         kt
lua         scripting   LuaLexer
nginx       configs     NginxConfLexer
php         php         PhpLexer
powershell  shell       PowerShellLexer     ps1 pwsh
python      python      PythonLexer         py python3
ruby        ruby        RubyLexer           rb
rust        rust        RustLexer           rs
sql         sql         SqlLexer            mysql postgresql sqlite
swift       objective   SwiftLexer
toml        configs     TOMLLexer
typescript  javascript  TypeScriptLexer     ts tsx
xml         html        XmlLexer            svg
yaml        data        YamlLexer           yml
"""


def _languages() -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    lexers: dict[str, tuple[str, str]] = {}
    names: dict[str, str] = {}
    for line in _LANGUAGES.split("\n")[1:-1]:
        name, module, lexer, *aliases = line.split()
        lexers[name] = (module, lexer)
        names |= dict.fromkeys((name, *aliases), name)
    return lexers, names


_LEXERS, _NAMES = _languages()
LANGUAGES: Final = frozenset(_LEXERS)
CLASSES: Final = frozenset(STANDARD_TYPES.values()) - {""}
_FORMATTER = HtmlFormatter(nowrap=True)


def language_of(info: str) -> str | None:
    """The name of the language that a fence's info string begins with, of `LANGUAGES`; None for any other."""
    word = info.split(maxsplit=1)
    return _NAMES.get(word[0].casefold()) if word else None


def highlighted(code: str, language: str | None) -> str:
    """The code as HTML, its words in spans; escaped only, when it is of no language that is known."""
    if language is None or _LONG_GAP.search(code):
        return html.escape(code, quote=False)
    written: list[str] = []
    tokens = _lexer(language).get_tokens(code)
    _FORMATTER.format(tokens, _Sink(written))
    return "".join(written)


class _Sink:
    def __init__(self, written: list[str]) -> None:
        self.write = written.append


@functools.cache
def _lexer(language: str) -> Lexer:
    module, name = _LEXERS[language]
    imported: ModuleType = importlib.import_module(f"pygments.lexers.{module}")
    lexer: Lexer = getattr(imported, name)(stripnl=False, ensurenl=False)
    return lexer
