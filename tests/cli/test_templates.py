"""Go's templates as docker takes them: what they print, and what is said of those that are wrong."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.cli.output.templates.errors import TemplateFieldError, TemplateSyntaxError
from dockerlang.cli.output.templates.template import Template, parse_template
from dockerlang.cli.output.templates.values import Nothing

VALUE = {
    "Id": "sha256:abc",
    "Size": 1982335,
    "Ratio": 1.5,
    "Ok": True,
    "Null": None,
    "Empty": "",
    "List": ["a", "b", "c"],
    "Nested": [{"N": 1}, {"N": 2}],
    "Map": {"b": "2", "a": {"c": None}},
    "NoList": Nothing.LIST,
    "NoMap": Nothing.MAP,
    "Html": "<a & b>",
    "Mixed": "it's",
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain }} text", "plain }} text"),
        ("{{.Id}}-{{ .Size }}", "sha256:abc-1982335"),
        ("{{.Ok}} {{.List}} {{.Map}}", "true [a b c] map[a:map[c:<nil>] b:2]"),
        ("{{.Null}} {{.NoList}} {{.NoMap}}", "<no value> [] map[]"),
        ("{{json .NoList}}{{json .NoMap}}{{json .Null}}", "nullnullnull"),
        ("a  {{- .Ok -}}  b", "atrueb"),
        ("a {{- /* a comment */ -}} b{{/* another */}}", "ab"),
        ("{{if .Empty}}x{{else if .Ok}}y{{else}}z{{end}}", "y"),
        ("{{if and .Ok (eq .Size 1982335)}}same{{end}}", "same"),
        ("{{if not .Null}}nothing{{end}}", "nothing"),
        ("{{or .Empty .Null `last`}} {{and .Ok .Size}}", "last 1982335"),
        ("{{or .Ok .Id.Nope}}", "true"),
        ("{{with .Map}}{{.b}}{{$.Ratio}}{{end}}{{with .Empty}}x{{else}}y{{end}}", "21.5y"),
        ("{{with .Empty}}x{{else with .Map}}{{.b}}{{end}}", "2"),
        ("{{range .List}}{{.}},{{end}}", "a,b,c,"),
        ("{{range $i, $e := .List}}{{if $i}}, {{end}}{{$i}}={{$e}}{{end}}", "0=a, 1=b, 2=c"),
        ("{{range $k, $v := .Map}}{{$k}} {{end}}", "a b "),
        ("{{range .NoList}}x{{else}}none{{end}}", "none"),
        ("{{range .List}}{{if eq . `b`}}{{continue}}{{end}}{{.}}{{end}}", "ac"),
        ("{{range .List}}{{if eq . `b`}}{{break}}{{end}}{{.}}{{end}}", "a"),
        ("{{$last := ``}}{{range .List}}{{$last = .}}{{end}}{{$last}}", "c"),
        ("{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"),
        ("{{(index .Nested 1).N}} {{index .Map `a` `c`}}", "2 <no value>"),
        ("{{.Id | printf `%.2s|%12s|` `xyz` | upper}}", "XY|  SHA256:ABC|"),
        (
            "{{printf `%-5s|%5d|%05d|%x|%q|%v|%t|%%` .Mixed 42 42 255 .Empty .List .Ok}}",
            'it\'s |   42|00042|ff|""|[a b c]|true|%',
        ),
        ("{{printf `%d %s` .Id}}", "%!d(string=sha256:abc) %!s(MISSING)"),
        ("{{printf `%6.2f` .Ratio}}", "  1.50"),
        ("{{len .List}}{{len .Id}}{{len .NoMap}}", "3100"),
        ("{{slice .Id 7}} {{slice .Id 0 6}} {{slice .List 1 2}}", "abc sha256 [b]"),
        ('{{join .List ", "}} {{index (split .Id ":") 1}}', "a, b, c abc"),
        ("{{title .Mixed}} {{upper .Id}} {{lower `ABC`}}", "It's SHA256:ABC abc"),
        ("[{{pad .Mixed 1 2}}] [{{pad .Empty 1 2}}] {{truncate .Id 6}}", "[ it's  ] [] sha256"),
        ("{{println .List 1}}{{print 1 2 `a` `b` 3}}", "[a b c] 1\n1 2ab3"),
        ("{{json .Html}} {{html .Html}} {{urlquery .Html}}", '"<a & b>" &lt;a &amp; b&gt; %3Ca+%26+b%3E'),
        (
            "{{eq .Size 1 2 1982335}} {{ne .Id `x`}} {{lt 1 2}} {{le 2 2}} {{gt `b` `a`}} {{ge 1.5 2.5}}",
            "true true true true true false",
        ),
        ("{{'a'}} {{0x10}} {{1_000}} {{1e3}} {{-2}} {{1e21}}", "97 16 1000 1000 -2 1e+21"),
        (r'{{"tab\t\"é\u00e9"}}', 'tab\t"éé'),
        ("{{eq .Null nil}}", "true"),
        ("{{`raw\\n`}}", "raw\\n"),
        ("{{range 3}}{{.}}{{end}}", "012"),
        ('{{define `x`}}<{{.}}>{{end}}{{template `x` .Id}}{{template "x"}}', "<sha256:abc><<no value>>"),
        (
            "{{template `x` .Nested}}"
            "{{define `x`}}{{range .}}{{.N}}{{template `y` $}}{{end}}{{end}}{{define `y`}}/{{len .}}{{end}}",
            "1/22/2",
        ),
        ("a{{block `b` .Map}} {{.b}}{{end}} c{{template `b` .Map}}", "a 2 c 2"),
        ("{{range .List}}{{block `one` .}}[{{.}}]{{end}}{{end}}", "[a][b][c]"),
        ("{{define `x`}} {{end}}{{define `x`}}y{{end}}{{template `x`}}", "y"),
        ("{{define `count`}}{{if lt . 3}}{{.}}{{end}}{{end}}{{range 5}}{{template `count` .}}{{end}}", "012"),
        ("{{$x := 1}}{{with $y := 2}}{{template `t` $y}}{{$x}}{{end}}{{define `t`}}{{$x := .}}{{$x}}{{end}}", "21"),
    ],
)
def test_what_templates_print(template: str, text: str) -> None:
    assert parse_template(template).fill(VALUE) == text


@pytest.mark.parametrize(
    ("template", "column", "words"),
    [
        ("{{", 1, "unclosed action"),
        ("x {{.Id", 3, "unclosed action"),
        ("{{}}", 3, "missing value"),
        ("{{if .Id}}x", 12, "{{end}} is missing"),
        ("{{end}}", 3, "unexpected"),
        ("{{else}}", 3, "unexpected"),
        ("{{foo .Id}}", 3, 'function "foo" not defined'),
        ("{{.Id | nope}}", 9, 'function "nope" not defined'),
        ("{{$x}}", 3, 'undefined variable "$x"'),
        ("{{if .Id}}{{$x := 1}}{{end}}{{$x}}", 31, 'undefined variable "$x"'),
        ("{{$x = 1}}", 3, 'undefined variable "$x"'),
        ("{{$x, $y := .Id}}", 7, "too many declarations"),
        ("{{break}}", 1, "outside {{range}}"),
        ("{{nil}}", 3, "nil is not a command"),
        ("{{.Id .Size}}", 7, "can't give arguments"),
        ("{{1 | .Id}}", 7, "non executable command"),
        ('{{"open}}', 3, "string"),
        (r'{{"\q"}}', 3, "no escape"),
        ("{{'ab'}}", 3, "not one character"),
        ("{{define x}}{{end}}", 10, "unexpected"),
        ("{{if .Id}}{{define `x`}}{{end}}{{end}}", 20, "unexpected {{define}}"),
        ("{{define `x`}}{{$y}}{{end}}{{$y := 1}}", 17, 'undefined variable "$y"'),
        ("{{range .List}}{{block `x` .}}{{break}}{{end}}{{end}}", 31, "outside {{range}}"),
        ("{{define `x`}}a{{end}}{{define `x`}}b{{end}}", 32, "multiple definition of template `x`"),
        ("{{block `x`}}{{end}}", 12, "missing value"),
        ("{{template}}", 11, "missing value"),
        ("{{define `x`}}", 15, "{{end}} is missing"),
    ],
)
def test_templates_that_cannot_be_read(template: str, column: int, words: str) -> None:
    with pytest.raises(TemplateSyntaxError) as error:
        parse_template(template)
    assert f":1:{column}:" in str(error.value)
    assert words in str(error.value)
    assert error.value.exit_code == 64
    # The caret stands below the place; the first line of a hint is printed eight columns to the right.
    assert error.value.hint.splitlines()[1].index("^") == 8 + column - 1


@pytest.mark.parametrize(
    ("template", "column", "words"),
    [
        ("{{.Nope}}", 3, 'map has no entry for key "Nope"'),
        ("{{.Id.Nope}}", 3, "can't evaluate field Nope in type string"),
        ("ab{{.List.Nope}}", 5, "can't evaluate field Nope in type list"),
        ("{{json .Map.nope}}", 8, 'map has no entry for key "nope"'),
        ("{{.Null.x}}", 3, "nil"),
        ("{{index .List 3}}", 3, "error calling index: index out of range: 3"),
        ("{{lower .Size}}", 3, "expected string; got int"),
        ("{{lower `a` `b`}}", 3, "wrong number of args for lower: want 1 got 2"),
        ("{{eq .Id 1}}", 3, "incompatible types for comparison"),
        ("{{lt .Ok true}}", 3, "invalid type for comparison"),
        ("{{range .Id}}{{end}}", 9, "range can't iterate over"),
        ("{{len .Size}}", 3, "len of type int"),
        ("{{call .Id 1}}", 3, "error calling call: non-function of type string"),
        ("{{template `nope` .}}", 12, 'template "nope" not defined'),
    ],
)
def test_templates_that_do_not_fit_the_data(template: str, column: int, words: str) -> None:
    with pytest.raises(TemplateFieldError) as error:
        parse_template(template).fill(VALUE)
    assert f":1:{column}:" in str(error.value)
    assert words in str(error.value)
    assert error.value.exit_code == 1


def test_a_template_that_calls_itself_ends() -> None:
    with pytest.raises(TemplateFieldError, match="maximum template depth"):
        parse_template("{{define `x`}}{{template `x` .}}{{end}}{{template `x` .}}").fill(VALUE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_json_gives_the_value_back(value: object) -> None:
    assert json.loads(parse_template("{{json .}}").fill(value)) == value


@given(st.text())
def test_a_text_without_braces_is_printed_as_it_is(text: str) -> None:
    text = text.replace("{{", "")
    assert parse_template(text).fill({}) == text


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_quoting_and_reading_a_string_are_inverse(text: str) -> None:
    quoted = parse_template("{{printf `%q` .}}").fill(text)
    assert parse_template("{{" + quoted + "}}").fill(None) == text


@given(st.text(alphabet='{}.$|()"`ab -=:,1/*\n', max_size=30))
def test_every_text_is_read_or_refused(text: str) -> None:
    with suppress(TemplateSyntaxError):
        assert isinstance(parse_template("{{" + text), Template)
