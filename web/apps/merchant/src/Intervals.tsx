// Effects with their intervals around nothing, drawn plainly; the table beside it says the same in figures.
import { useSpeech } from "@tiao/ui";
import { percent } from "./percent";

export interface Interval {
  name: string;
  at: number;
  low: number;
  high: number;
}

const WIDTH = 640;
const NAMES = 150;
const FIGURES = 90;
const ROW = 34;

export function Intervals({ rows, label }: { rows: Interval[]; label: string }) {
  const { language } = useSpeech();
  const reach = 1.1 * Math.max(0.01, ...rows.flatMap((row) => [Math.abs(row.low), Math.abs(row.high)]));
  const across = WIDTH - NAMES - FIGURES;
  const x = (share: number) => NAMES + (across * (share + reach)) / (2 * reach);
  const height = ROW * rows.length + ROW;
  return (
    <svg className="intervals" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={label}>
      <line x1={x(0)} x2={x(0)} y1={4} y2={height - ROW + 6} className="intervals-zero" />
      {rows.map((row, index) => {
        const y = ROW * index + ROW / 2;
        return (
          <g key={row.name}>
            <text x={0} y={y + 4}>
              {row.name}
            </text>
            <line x1={x(row.low)} x2={x(row.high)} y1={y} y2={y} className="intervals-line" />
            <circle cx={x(row.at)} cy={y} r={5} className="intervals-dot" />
            <text x={WIDTH} y={y + 4} textAnchor="end">
              {percent(row.at, language, true)}
            </text>
          </g>
        );
      })}
      {[-reach, 0, reach].map((share) => (
        <text key={share} x={x(share)} y={height - 8} textAnchor="middle">
          {percent(share, language, true)}
        </text>
      ))}
    </svg>
  );
}
