"""Draw the dashboard of template.yaml with the sample data of sample.py, as SVG on
standard output: each widget where, and of what, the template says. CloudWatch's own
look is only hinted at.

The picture ends with a hash of what it was drawn from, so that a test can tell that
it is old.
"""

import hashlib
import json
import re
import sys
import textwrap
from pathlib import Path

import vl_convert
import yaml

import sample

HERE = Path(__file__).parent
TEMPLATE = HERE.parents[2] / "template.yaml"
COLUMN, ROW, TOP = 40, 38, 34  # pixels
COLORS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2"]
RED, GREEN, INK, GRAY = "#d13212", "#1d8102", "#16191f", "#687078"
NOTE = "Sample data, not a measurement: a made-up day with a burst of sign-ups, a throttling SES and one bug. Drawn from template.yaml."


def text_of_body() -> str:
    class Loader(yaml.SafeLoader):
        """Takes !Ref and its like for what they are applied to."""

    Loader.add_multi_constructor("!", lambda loader, _, node: getattr(node, "value", None))
    return yaml.load(TEMPLATE.read_text(), Loader)["Resources"]["Dashboard"]["Properties"]["DashboardBody"]


def body(text: str) -> dict:
    named = {"AWS::StackName": "onboarding"}
    text = re.sub(r"\$\{([^!}.]+)[^}]*\}", lambda m: named.get(m[1], m[1]), text)
    return json.loads(text.replace("${!", "${"))


class Values(dict):
    """The values at one time, or of the whole day, by ID: expressions are computed."""

    def __missing__(self, name):
        return self.of(self.expressions[name])

    def of(self, expression: str):
        functions = {"SUM": lambda values: sum(v or 0 for v in values), "FILL": lambda v, other: other if v is None else v}
        try:
            return eval(expression, {"__builtins__": {}, **functions}, self)  # our own template
        except TypeError:  # without one of the values there is none
            return None


def lines(properties: dict):
    """Yield label and values of each line that a metric widget shows."""
    metrics = []
    for metric in properties["metrics"]:
        options = metric[-1] if isinstance(metric[-1], dict) else {}
        metrics.append(([part for part in metric if isinstance(part, str)], options))
    step = 1 if properties["view"] == "timeSeries" else sample.POINTS
    if properties["view"] == "timeSeries":
        step = properties["period"] // 300
    known = {}
    for names, options in metrics:
        if names:
            stat = options.get("stat", properties.get("stat"))
            known[options.get("id", str(names) + stat)] = grouped(sample.series(names, stat), step)
    expressions = {o["id"]: o["expression"] for _, o in metrics if "id" in o and "expression" in o}
    for names, options in metrics:
        if not options.get("visible", True):
            continue
        if names:
            yield options["label"], known[options.get("id", str(names) + options.get("stat", properties.get("stat")))]
        elif found := re.match(r"SEARCH\('\{Onboarding,Stack,([\w,]+)\} MetricName=\"(\w+)\"", options["expression"]):
            for dimensions, values in sample.search(found[1].split(","), found[2]):
                yield re.sub(r"\$\{PROP\('Dim\.(\w+)'\)\}", lambda m: dimensions[m[1]], options["label"]), values
        else:
            yield options["label"], [computed(options["expression"], expressions, known, t) for t in range(sample.POINTS // step)]


def computed(expression: str, expressions: dict, known: dict, t: int):
    values = Values({name: points[t] for name, points in known.items()})
    values.expressions = expressions
    return values.of(expression)


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


def markdown(properties: dict, width: float, _) -> list:
    marks, y = [], 8
    for line in properties["markdown"].split("\n"):
        size = 16 if line.startswith("# ") else 11
        line = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", line.removeprefix("# ")).replace("`", "").replace("*", "")
        for part in textwrap.wrap(line, int(width / size / 0.49)):
            marks.append(text(part, 12, y, size, weight="bold" if size > 11 else "normal"))
            y += size * 1.5
    return marks


def alarm(properties: dict, width: float, _) -> list:
    marks, columns = [], 6
    wide = (width - 16) / columns
    for i, arn in enumerate(properties["alarms"]):
        name, x, y = arn.split(":")[-1], 8 + wide * (i % columns), 30 + 37 * (i // columns)
        on = name in sample.ALARMS_ON
        marks += [
            rect(x + 3, y, wide - 6, 30, "#fdf3f1" if on else "#f2f8f0", RED if on else GREEN),
            text(name.removesuffix("Alarm"), x + 11, y + 4, 10, weight="bold", limit=wide - 18),
            text("In alarm" if on else "OK", x + 11, y + 17, 9, RED if on else GREEN),
        ]
    return marks


def log(properties: dict, width: float, _) -> list:
    fields = [f.strip() for f in re.search(r"fields (.+?) \|", properties["query"])[1].split(",")]
    marks = []
    for x, field, column in zip((12, 90, 205, 290, 395, 655), fields, zip(*sample.ERRORS)):
        marks.append(text(field, x, 36, 10, GRAY, "bold"))
        marks += [text(cell, x, 58 + 20 * i, 10) for i, cell in enumerate(column)]
    return marks + [rect(12, 52, width - 24, 1, "#d5dbdb")]


def number(properties: dict, width: float, height: float) -> list:
    shown = [(label, values[0]) for label, values in lines(properties)]
    wide = width / len(shown)
    marks = []
    for i, (label, value) in enumerate(shown):
        value = f"{value:,.0f}" if "$" not in properties["title"] else f"{value:,.3f}"
        marks += [text(value, wide * (i + 0.5), 36, 24, align="center"), text(label, wide * (i + 0.5), 72, 11, GRAY, align="center")]
    return marks


def chart(properties: dict, width: float, height: float) -> list:
    """Draw lines, dots for what has few values, or areas upon each other; and the limits."""
    shown = list(lines(properties))
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
    longest = max(len(label) for label, _ in shown)
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
            {"orient": "left", "scale": "y", "tickCount": 4, "grid": True, "gridScale": "x", "format": ",~r" if top < 10 else ",d"},
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


def widget(w: dict) -> dict:
    properties, width, height = w["properties"], w["width"] * COLUMN - 8, w["height"] * ROW - 8
    draw = {"text": markdown, "alarm": alarm, "log": log}.get(w["type"]) or {"timeSeries": chart, "singleValue": number}[properties["view"]]
    marks = [text(properties["title"], 12, 10, 12, weight="bold", limit=width - 20)] if "title" in properties else []
    box = {"x": w["x"] * COLUMN + 4, "y": TOP + w["y"] * ROW + 4, "width": width, "height": height, "fill": "white", "stroke": "#d5dbdb"}
    return {"type": "group", "encode": {"enter": {name: {"value": value} for name, value in box.items()}}, "marks": marks + draw(properties, width, height)}


def main() -> None:
    source = text_of_body()
    widgets = body(source)["widgets"]
    spec = {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "width": 24 * COLUMN,
        "height": TOP + ROW * max(w["y"] + w["height"] for w in widgets),
        "padding": 0,
        "autosize": "none",
        "background": "#f2f3f3",
        "config": {"axis": {"labelFontSize": 10, "gridColor": "#eaeded", "domainColor": "#aab7b8", "tickColor": "#aab7b8", "labelColor": GRAY}, "legend": {"labelFontSize": 10, "rowPadding": 1, "columnPadding": 6, "labelLimit": 220}},
        "marks": [text(NOTE, 8, 11, 12.5, RED, "bold")] + [widget(w) for w in widgets],
    }
    svg = vl_convert.vega_to_svg(spec)
    digest = hashlib.sha256(source.encode())
    for file in ("draw.py", "sample.py"):
        digest.update((HERE / file).read_bytes())
    print(svg.rstrip() + f"<!-- {digest.hexdigest()} -->")


if __name__ == "__main__":
    main()
