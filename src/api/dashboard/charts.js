// Traffic and latency of the latest ten minutes, as two small pictures.

const SVG = "http://www.w3.org/2000/svg";
const CHART = { width: 600, height: 90 };

function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function showCharts(view, { stepS, rows, meanMs, slowestMs }) {
  const rates = rows.map((n) => n / stepS);
  const mostRate = Math.max(...rates);
  const slowest = Math.max(0, ...slowestMs.map((ms) => ms ?? 0));
  const minutes = Math.round((rows.length * stepS) / 60);
  const latency = meanMs.findLast((ms) => ms !== null) ?? null;
  const quiet = `none in the last ${minutes} minutes`;
  view.charts.replaceChildren(
    chart(
      "Rows a second",
      mostRate === 0 ? quiet : `up to ${figure(mostRate)} in the last ${minutes} minutes`,
      bars(rates, mostRate, "bar-rows"),
    ),
    chart(
      "Latency",
      latency === null
        ? quiet
        : `mean ${milliseconds(latency)} now, slowest ${milliseconds(slowest)}`,
      ...bars(slowestMs, slowest, "bar-slowest"),
      ...bars(meanMs, slowest, "bar-mean"),
    ),
  );
}

/** A bar for each step; none where there is no value. */
function bars(values, most, kind) {
  const step = CHART.width / values.length;
  return values.flatMap((value, i) => {
    if (value === null || value === 0 || most === 0) return [];
    const height = Math.max(1, (CHART.height * value) / most);
    const place = { x: i * step, y: CHART.height - height, width: step - 1, height };
    return [drawn("rect", { ...place, class: kind })];
  });
}

function chart(title, note, ...marks) {
  const { width, height } = CHART;
  const line = drawn("line", { x1: 0, y1: height, x2: width, y2: height, class: "axis" });
  const picture = drawn(
    "svg",
    {
      viewBox: `0 0 ${width} ${height + 1}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `${title}: ${note}`,
    },
    ...marks.flat(),
    line,
  );
  return element(
    "figure",
    {},
    element("figcaption", {}, element("b", {}, title), ` ${note}`),
    picture,
    element(
      "p",
      { class: "ends", "aria-hidden": "true" },
      "10 min ago",
      element("span", {}, "now"),
    ),
  );
}
