// Small pictures drawn as SVG, each with its numbers in a table for whoever cannot or would not read the picture.
import { useSpeech } from "@tiao/ui";
import { Table } from "antd";
import { linePath, scaleOf, ticksOf } from "./scales";

const WIDTH = 640;
const LEFT = 8;
const TONES = ["var(--link)", "var(--warn)", "var(--ok)", "var(--error)"];

interface Titled {
  title: string;
  show?: (value: number) => string;
}

/** Bars side by side for each name, one for each series; *bounds* are drawn across all of them, *most* fills the width. */
export function Bars(
  props: Titled & {
    names: string[];
    series: { name: string; values: number[] }[];
    bounds?: number[];
    most?: number;
  },
) {
  const { title, names, series, bounds = [], show = String } = props;
  const thick = 16;
  const block = series.length * (thick + 3) + 26;
  const most = props.most ?? Math.max(...series.flatMap((each) => each.values), ...bounds, 0);
  const scale = scaleOf(0, most || 1, 0, WIDTH - LEFT - 130);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${names.length * block + 4}`} role="img" aria-label={title}>
        {bounds.map((bound) => (
          <line
            key={bound}
            x1={LEFT + scale(bound)}
            x2={LEFT + scale(bound)}
            y1={0}
            y2={names.length * block}
            className="chart-bound"
          />
        ))}
        {names.map((name, row) => (
          <g key={name} transform={`translate(${LEFT} ${row * block})`}>
            <text y={15} className="chart-name">
              {name}
            </text>
            {series.map((each, place) => {
              const value = each.values[row] ?? 0;
              return (
                <g key={each.name} transform={`translate(0 ${22 + place * (thick + 3)})`}>
                  <rect width={Math.max(1, scale(value))} height={thick} fill={TONES[place % TONES.length]} />
                  <text x={scale(value) + 6} y={thick - 3} className="chart-value">
                    {show(value)}
                  </text>
                </g>
              );
            })}
          </g>
        ))}
      </svg>
      <Legend series={series} />
      <Numbers {...props} show={show} />
    </figure>
  );
}

/** Lines over a common row of names, with an optional bound drawn across. */
export function Lines(
  props: Titled & { names: string[]; series: { name: string; values: number[] }[]; bounds?: number[] },
) {
  const { title, names, series, bounds = [], show = String } = props;
  const height = 220;
  const all = [...series.flatMap((each) => each.values), ...bounds];
  const ticks = ticksOf(Math.min(0, ...all), Math.max(...all, 0));
  const y = scaleOf(ticks[0] ?? 0, ticks.at(-1) ?? 1, height - 24, 10);
  const x = scaleOf(0, Math.max(1, names.length - 1), 64, WIDTH - 12);
  const every = Math.max(1, Math.ceil(names.length / 8));
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={title}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={64} x2={WIDTH - 12} y1={y(tick)} y2={y(tick)} className="chart-grid" />
            <text x={58} y={y(tick) + 4} textAnchor="end" className="chart-value">
              {show(tick)}
            </text>
          </g>
        ))}
        {bounds.map((bound) => (
          <line key={bound} x1={64} x2={WIDTH - 12} y1={y(bound)} y2={y(bound)} className="chart-bound" />
        ))}
        {names.map((name, place) =>
          place % every === 0 ? (
            <text key={name} x={x(place)} y={height - 6} textAnchor="middle" className="chart-value">
              {name}
            </text>
          ) : null,
        )}
        {series.map((each, place) => (
          <g key={each.name} stroke={TONES[place % TONES.length]} fill={TONES[place % TONES.length]}>
            <path
              d={linePath(each.values, x, y)}
              fill="none"
              strokeWidth={2}
              strokeDasharray={place % 2 ? "6 4" : ""}
            />
            {each.values.map((value, index) => (
              <circle key={index} cx={x(index)} cy={y(value)} r={3} />
            ))}
          </g>
        ))}
      </svg>
      <Legend series={series} />
      <Numbers {...props} show={show} />
    </figure>
  );
}

/** Differences with their interval; one that touches zero is drawn thin. */
export function Intervals(props: Titled & { rows: { name: string; low: number; mid: number; high: number }[] }) {
  const { title, rows, show = String } = props;
  const { t } = useSpeech();
  const ticks = ticksOf(Math.min(0, ...rows.map((row) => row.low)), Math.max(0, ...rows.map((row) => row.high)));
  const x = scaleOf(ticks[0] ?? -1, ticks.at(-1) ?? 1, 40, WIDTH - 40);
  const height = rows.length * 46 + 28;
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={title}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line
              x1={x(tick)}
              x2={x(tick)}
              y1={0}
              y2={height - 22}
              className={tick === 0 ? "chart-bound" : "chart-grid"}
            />
            <text x={x(tick)} y={height - 6} textAnchor="middle" className="chart-value">
              {show(tick)}
            </text>
          </g>
        ))}
        {rows.map((row, place) => {
          const isSure = row.low > 0 || row.high < 0;
          const tone = isSure ? (row.mid > 0 ? "var(--ok)" : "var(--error)") : "var(--ink-soft)";
          return (
            <g key={row.name} transform={`translate(0 ${place * 46})`} stroke={tone} fill={tone}>
              <text x={4} y={14} className="chart-name" stroke="none">
                {row.name}
              </text>
              <line x1={x(row.low)} x2={x(row.high)} y1={30} y2={30} strokeWidth={isSure ? 5 : 2} />
              <circle cx={x(row.mid)} cy={30} r={6} />
            </g>
          );
        })}
      </svg>
      <details>
        <summary>{t("chart.numbers")}</summary>
        <Table
          size="small"
          rowKey="name"
          pagination={false}
          dataSource={rows}
          columns={[
            { title: t("chart.what"), dataIndex: "name" },
            { title: t("chart.low"), align: "right", render: (_, row) => show(row.low) },
            { title: t("chart.mid"), align: "right", render: (_, row) => show(row.mid) },
            { title: t("chart.high"), align: "right", render: (_, row) => show(row.high) },
          ]}
        />
      </details>
    </figure>
  );
}

function Legend({ series }: { series: { name: string }[] }) {
  if (series.length < 2) return null;
  return (
    <figcaption className="chart-legend">
      {series.map((each, place) => (
        <span key={each.name}>
          <svg width="14" height="14" aria-hidden="true">
            <rect width="14" height="14" fill={TONES[place % TONES.length]} />
          </svg>{" "}
          {each.name}
        </span>
      ))}
    </figcaption>
  );
}

function Numbers(props: {
  names: string[];
  series: { name: string; values: number[] }[];
  show: (value: number) => string;
}) {
  const { t } = useSpeech();
  return (
    <details>
      <summary>{t("chart.numbers")}</summary>
      <Table
        size="small"
        rowKey="name"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={props.names.map((name, row) => ({ name, row }))}
        columns={[
          { title: t("chart.what"), dataIndex: "name" },
          ...props.series.map((each) => ({
            title: each.name,
            align: "right" as const,
            render: (_: unknown, { row }: { row: number }) => props.show(each.values[row] ?? 0),
          })),
        ]}
      />
    </details>
  );
}
