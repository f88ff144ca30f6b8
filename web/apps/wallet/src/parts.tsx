// The few pieces that every page of the wallet is made of.
import { Refused } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import type { ReactNode } from "react";
import { Link } from "wouter";

export function Page({ title, back, children }: { title: string; back?: string; children: ReactNode }) {
  const { t } = useSpeech();
  return (
    <>
      <header className="head">
        {back && (
          <Link href={back} className="back" aria-label={t("wallet.back")}>
            ‹
          </Link>
        )}
        <h1>{title}</h1>
      </header>
      {children}
    </>
  );
}

export function Money({ minor, currency }: { minor: number; currency?: string }) {
  const { money } = useSpeech();
  return <span className="money">{money(minor, currency)}</span>;
}

export function Facts({ of }: { of: [string, ReactNode | null | undefined][] }) {
  return (
    <dl className="facts">
      {of
        .filter(([, value]) => value !== null && value !== undefined && value !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Rows that lead somewhere: what, when, how much. */
export function Rows<Row>(props: {
  rows: readonly Row[] | undefined;
  none: string;
  id: (row: Row) => string;
  href?: (row: Row) => string;
  left: (row: Row) => ReactNode;
  right: (row: Row) => ReactNode;
}) {
  if (props.rows?.length === 0) return <p className="none">{props.none}</p>;
  return (
    <ul className="rows">
      {props.rows?.map((row) => (
        <li key={props.id(row)}>
          {props.href ? (
            <Link href={props.href(row)}>
              <span>{props.left(row)}</span>
              <span>{props.right(row)} ›</span>
            </Link>
          ) : (
            <div>
              <span>{props.left(row)}</span>
              <span>{props.right(row)}</span>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

export function Refusal({ error }: { error: unknown }) {
  const { code } = useSpeech();
  if (!error) return null;
  if (!(error instanceof Refused)) throw error;
  return (
    <p className="refusal" role="alert">
      <strong>{code("refusal", error.code)}</strong> {error.message}
    </p>
  );
}
