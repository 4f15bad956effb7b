"""Draw the dashboard of template.yaml with the sample data of sample.py, as SVG on
standard output: each widget where, and of what, the template says. CloudWatch's own
look is only hinted at.

The picture ends with a hash of what it was drawn from, so that a test can tell that
it is old.
"""

import hashlib
import json
import re
import textwrap
from pathlib import Path

import vl_convert
import yaml

import sample

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
COLUMN, ROW, TOP = 40, 38, 34  # pixels
COLORS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2"]
RED, GREEN, INK, GRAY = "#d13212", "#1d8102", "#16191f", "#687078"
NOTE = "Sample data, not a measurement: a made-up day with a burst of sign-ups, a step that is throttled, and one bug. Drawn from template.yaml."


def read_template() -> dict:
    class Loader(yaml.SafeLoader):
        """Takes !Ref and its like for what they are applied to."""

    def plain(loader, _, node):
        construct = {yaml.MappingNode: loader.construct_mapping, yaml.SequenceNode: loader.construct_sequence}
        return construct.get(type(node), loader.construct_scalar)(node)

    Loader.add_multi_constructor("!", plain)
    return yaml.load((ROOT / "template.yaml").read_text(), Loader)["Resources"]


def read_states() -> list:
    """Return the names of the states, in order."""
    definition = json.loads((ROOT / "statemachine" / "onboarding.asl.json").read_text())
    states = [definition["StartAt"]]
    while following := definition["States"][states[-1]].get("Next"):
        states.append(following)
    return states


def read_reasons(states: list) -> dict:
    """Return the reasons to skip that the code of each step declares."""
    return {
        state: [reason for file in sorted((ROOT / "steps" / state.lower()).glob("*.go")) for reason in re.findall(r'statemachine\.Reason += "([^"]+)"', file.read_text())]
        for state in states
    }


def body(text: str, resources: dict) -> dict:
    named = {"AWS::StackName": sample.STACK}
    named |= {name: sample.physical(name) for name, r in resources.items() if r["Type"] in ("AWS::Serverless::Function", "AWS::SQS::Queue")}
    text = re.sub(r"\$\{([^!}.]+)[^}]*\}", lambda m: named.get(m[1], m[1]), text)
    return json.loads(text.replace("${!", "${"))


def found(day: sample.Day, schema: str, terms: str, stat: str):
    """Search as CloudWatch does: for values in quotes, or else for words of a name.
    Terms for the same property are alternatives; the dashboard has no others."""
    wanted = {}
    for key, exact, word in re.findall(r'(\w+)=(?:"([^"]+)"|([\w-]+))', terms):
        fits = (lambda value, exact=exact: value == exact) if exact else (lambda value, word=word: word in value)
        wanted.setdefault(key, []).append(fits)
    return day.search(schema.split(",") if schema else [], wanted, stat)


SEARCH = re.compile(r"SEARCH\('(?:\{([^}]+)\} )?(.+?)', '(\w+)'\)")


class Values(dict):
    """The values at one time, or of the whole day, by ID: expressions are computed."""

    def __init__(self, known: dict, expressions: dict):
        super().__init__(known)
        self.expressions = expressions

    def __missing__(self, name):
        return self.of(self.expressions[name])

    def of(self, expression: str):
        functions = {"SUM": lambda values: sum(v or 0 for v in values), "FILL": lambda v, other: other if v is None else v}
        try:
            return eval(expression, {"__builtins__": {}, **functions}, self)  # our own template
        except TypeError:  # without one of the values there is none
            return None


def lines(properties: dict, day: sample.Day):
    """Yield label and values of each line that a metric widget shows."""
    step = properties["period"] // 300 if properties["view"] == "timeSeries" else sample.POINTS
    known, expressions, shown = {}, {}, []
    for metric in properties["metrics"]:
        names, options = [m for m in metric if isinstance(m, str)], metric[-1]
        identity, searched = options.get("id", f"m{len(known) + len(expressions)}"), SEARCH.fullmatch(options.get("expression", ""))
        if searched:
            shown += [(labelled(options["label"], name, dimensions), grouped(values, step)) for name, dimensions, values in found(day, *searched.groups())]
            continue
        if names:
            values = day.metric(*names[:2], dict(zip(names[2::2], names[3::2])), options.get("stat", properties.get("stat")))
            known[identity] = grouped(values, step)
        else:
            expressions[identity] = SEARCH.sub(lambda m: lists(known, [grouped(v, step) for _, _, v in found(day, *m.groups())]), options["expression"])
        if options.get("visible", True):
            shown.append((options["label"], identity))
    for label, values in shown:
        if isinstance(values, str):
            values = known.get(values) or [Values({i: at(points, t) for i, points in known.items()}, expressions).of(expressions[values]) for t in range(sample.POINTS // step)]
        yield label, values


def lists(known: dict, found: list) -> str:
    """Make what a search found known under an ID, which it returns."""
    known[f"s{len(known)}"] = found
    return f"s{len(known) - 1}"


def at(points: list, t: int):
    return [p[t] for p in points] if points and isinstance(points[0], list) else points[t] if points else []


def labelled(label: str, name: str, dimensions: dict) -> str:
    return re.sub(r"\$\{PROP\('Dim\.(\w+)'\)\}", lambda m: dimensions[m[1]], label).replace("${PROP('MetricName')}", name)


def grouped(values: list, step: int) -> list:
    if step == 1:
        return values
    parts = [[v for v in values[i : i + step] if v is not None] for i in range(0, len(values), step)]
    return [sum(part) if part else None for part in parts]


def text(words: str, x: float, y: float, size: float = 11, color: str = INK, weight: str = "normal", align: str = "left", limit: float = 0) -> dict:
    at = {"x": x, "y": y, "text": words, "fontSize": size, "fill": color, "fontWeight": weight, "align": align, "baseline": "top"}
    if limit:
        at["limit"] = limit
    return {"type": "text", "encode": {"enter": {name: {"value": value} for name, value in at.items()}}}


def rect(x: float, y: float, width: float, height: float, fill: str, stroke: str = "transparent") -> dict:
    at = {"x": x, "y": y, "width": width, "height": height, "fill": fill, "stroke": stroke, "cornerRadius": 3}
    return {"type": "rect", "encode": {"enter": {name: {"value": value} for name, value in at.items()}}}


def markdown(properties: dict, width: float, *_) -> list:
    marks, y = [], 8
    for line in properties["markdown"].split("\n"):
        size = 16 if line.startswith("# ") else 11
        line = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", line.removeprefix("# ")).replace("`", "").replace("*", "")
        for part in textwrap.wrap(line, int(width / size / 0.49)):
            marks.append(text(part, 12, y, size, weight="bold" if size > 11 else "normal"))
            y += size * 1.5
    return marks


def alarm(properties: dict, width: float, _, day: sample.Day) -> list:
    marks, columns = [], 6
    wide = (width - 16) / columns
    for i, arn in enumerate(properties["alarms"]):
        name, x, y = arn.split(":")[-1], 8 + wide * (i % columns), 30 + 37 * (i // columns)
        on = name in day.alarms_on
        marks += [
            rect(x + 3, y, wide - 6, 30, "#fdf3f1" if on else "#f2f8f0", RED if on else GREEN),
            text(name.removesuffix("Alarm"), x + 11, y + 4, 10, weight="bold", limit=wide - 18),
            text("In alarm" if on else "OK", x + 11, y + 17, 9, RED if on else GREEN),
        ]
    return marks


def log(properties: dict, width: float, _, day: sample.Day) -> list:
    fields = [f.strip() for f in re.search(r"fields (.+?) \|", properties["query"])[1].split(",")]
    marks = []
    for x, field, column in zip((12, 90, 205, 290, 395, 655), fields, zip(*day.errors())):
        marks.append(text(field, x, 36, 10, GRAY, "bold"))
        marks += [text(cell, x, 58 + 20 * i, 10) for i, cell in enumerate(column)]
    return marks + [rect(12, 52, width - 24, 1, "#d5dbdb")]


def number(properties: dict, width: float, _, day: sample.Day) -> list:
    shown = [(label, values[0]) for label, values in lines(properties, day)]
    wide = width / len(shown)
    marks = []
    for i, (label, value) in enumerate(shown):
        value = "--" if value is None else f"{value:,.0f}" if "$" not in properties["title"] else f"{value:,.3f}"
        marks += [text(value, wide * (i + 0.5), 36, 24, align="center"), text(label, wide * (i + 0.5), 72, 11, GRAY, align="center")]
    return marks


def chart(properties: dict, width: float, height: float, day: sample.Day) -> list:
    """Draw lines, dots for what has few values, or areas upon each other; and the limits."""
    shown = list(lines(properties, day))
    rows, below = [], {}
    for label, values in shown:
        few = not properties.get("stacked") and 2 * sum(value is not None for value in values) < len(values)
        for t, value in enumerate(values):
            if value is None and not properties.get("stacked"):
                continue
            base = below.get(t, 0) if properties.get("stacked") else 0
            below[t] = base + (value or 0)
            rows.append({"hour": t * 24 / len(values), "label": label, "few": few, "low": base, "high": below[t] if properties.get("stacked") else value})
    limits = properties.get("annotations", {}).get("horizontal", [])
    top = max([row["high"] for row in rows] + [line["value"] for line in limits] + [1])
    longest = max((len(label) for label, _ in shown), default=0)
    columns = 1 if longest > 27 else 2 if longest > 12 else 4
    tall = height - 62 - 14 * -(-len(shown) // columns)
    across, up, color = {"scale": "x", "field": "hour"}, {"scale": "y", "field": "high"}, {"scale": "color", "field": "label"}
    mark = {"type": "line", "encode": {"enter": {"x": across, "y": up, "strokeWidth": {"value": 1.5}, "stroke": color}}}
    dots = {"type": "symbol", "encode": {"enter": {"x": across, "y": up, "size": {"value": 9}, "fill": color}}}
    if properties.get("stacked"):
        y2 = {"scale": "y", "field": "low"}
        mark = {"type": "area", "encode": {"enter": {"x": across, "y": up, "y2": y2, "fill": color, "interpolate": {"value": "step-after"}}}}
    plot = {
        "type": "group",
        "encode": {"enter": {"x": {"value": 46}, "y": {"value": 34}, "width": {"value": width - 70}, "height": {"value": tall}}},
        "data": [{"name": "few" if few else "many", "values": [row for row in rows if row["few"] == few]} for few in (False, True)],
        "scales": [
            {"name": "x", "type": "linear", "domain": [0, 24], "range": [0, width - 70]},
            {"name": "y", "type": "linear", "domain": [0, top * 1.08], "range": [tall, 0], "nice": True},
            {"name": "color", "type": "ordinal", "domain": [label for label, _ in shown], "range": COLORS},
        ],
        "axes": [
            {"orient": "bottom", "scale": "x", "values": [0, 6, 12, 18, 24], "encode": {"labels": {"update": {"text": {"signal": "format(datum.value, '02d') + ':00'"}}}}},
            {"orient": "left", "scale": "y", "tickCount": 4, "grid": True, "gridScale": "x", "format": ",~r" if top < 10 else ",d" if top < 1e5 else "~s"},
        ],
        "legends": [{"fill": "color", "orient": "bottom", "columns": columns, "symbolType": "square", "symbolSize": 50, "offset": 4}],
        "marks": [
            {"type": "group", "from": {"facet": {"name": "line", "data": "many", "groupby": "label"}}, "marks": [{**mark, "from": {"data": "line"}}]},
            {**dots, "from": {"data": "few"}},
        ],
    }
    for line in limits:
        at = {"scale": "y", "value": line["value"]}
        plot["marks"] += [
            {"type": "rule", "encode": {"enter": {"x": {"value": 0}, "x2": {"value": width - 70}, "y": at, "stroke": {"value": RED}, "strokeDash": {"value": [4, 3]}}}},
            {"type": "text", "encode": {"enter": {"x": {"value": 4}, "y": {**at, "offset": -4}, "text": {"value": line["label"]}, "fill": {"value": RED}, "fontSize": {"value": 10}}}},
        ]
    return [plot]


def widget(w: dict, day: sample.Day) -> dict:
    properties, width, height = w["properties"], w["width"] * COLUMN - 8, w["height"] * ROW - 8
    draw = {"text": markdown, "alarm": alarm, "log": log}.get(w["type"]) or {"timeSeries": chart, "singleValue": number}[properties["view"]]
    marks = [text(properties["title"], 12, 10, 12, weight="bold", limit=width - 20)] if "title" in properties else []
    box = {"x": w["x"] * COLUMN + 4, "y": TOP + w["y"] * ROW + 4, "width": width, "height": height, "fill": "white", "stroke": "#d5dbdb"}
    return {"type": "group", "encode": {"enter": {name: {"value": value} for name, value in box.items()}}, "marks": marks + draw(properties, width, height, day)}


def main() -> None:
    resources, states = read_template(), read_states()
    source = resources["Dashboard"]["Properties"]["DashboardBody"][0]
    day = sample.Day(resources, states, read_reasons(states))
    widgets = body(source, resources)["widgets"]
    spec = {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "width": 24 * COLUMN,
        "height": TOP + ROW * max(w["y"] + w["height"] for w in widgets),
        "padding": 0,
        "autosize": "none",
        "background": "#f2f3f3",
        "config": {"axis": {"labelFontSize": 10, "gridColor": "#eaeded", "domainColor": "#aab7b8", "tickColor": "#aab7b8", "labelColor": GRAY}, "legend": {"labelFontSize": 10, "rowPadding": 1, "columnPadding": 6, "labelLimit": 220}},
        "marks": [text(NOTE, 8, 11, 12.5, RED, "bold")] + [widget(w, day) for w in widgets],
    }
    svg = vl_convert.vega_to_svg(spec)
    digest = hashlib.sha256((source + " ".join(states)).encode())
    for file in ("draw.py", "sample.py"):
        digest.update((HERE / file).read_bytes())
    print(svg.rstrip() + f"<!-- {digest.hexdigest()} -->")


if __name__ == "__main__":
    main()
