// The few pieces that every page of the wallet is made of.
import { api, Refused } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "wouter";
import { useSentence } from "./saying";

export function Page({ title, back, children }: { title: string; back?: string; children: ReactNode }) {
  const { t } = useSpeech();
  const head = useArrival(title);
  return (
    <>
      <header className="head">
        {back && (
          <Link href={back} className="back" aria-label={t("wallet.back")}>
            ‹
          </Link>
        )}
        <h1 ref={head} tabIndex={-1}>
          {title}
        </h1>
      </header>
      {children}
    </>
  );
}

let isBack = false;
window.addEventListener("popstate", () => {
  isBack = true;
});
let places = 0;

/** Arriving on a page begins at its top, says its name and lets whoever listens hear it; going back keeps the place. */
function useArrival(title: string) {
  const { t } = useSpeech();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (places++ > 0) {
      if (!isBack) scrollTo(0, 0);
      head.current?.focus({ preventScroll: true });
    }
    isBack = false;
  }, []);
  useEffect(() => {
    const whole = t("wallet.title");
    document.title = title === whole ? whole : `${title} · ${whole}`;
  }, [title, t]);
  return head;
}

export function Money({ minor, currency }: { minor: number; currency?: string }) {
  const { money } = useSpeech();
  return <span className="money">{money(minor, currency)}</span>;
}

/** A share a year, as the server writes it, in percent. */
export function Rate({ share, places = 2 }: { share: string; places?: number }) {
  const { language } = useSpeech();
  const form = { style: "percent", minimumFractionDigits: places, maximumFractionDigits: places } as const;
  return <span className="money">{new Intl.NumberFormat(language, form).format(Number(share))}</span>;
}

/** A merchant's name, asked for once. */
export function Merchant({ id }: { id: string }) {
  const found = api.useQuery(
    "get",
    "/v1/merchants/{merchant_id}/name",
    { params: { path: { merchant_id: id } } },
    { staleTime: Infinity },
  );
  return <>{found.data?.name ?? "…"}</>;
}

/** One of several, told apart by a mark and not by colour alone. */
export function Choice(props: { name: string; on: boolean; onChoose: () => void; children: ReactNode }) {
  return (
    <label className="choice">
      <input type="radio" name={props.name} checked={props.on} onChange={props.onChoose} />
      <span>{props.children}</span>
    </label>
  );
}

/** What has been done, said once it is. */
export function Done({ title, children, to = "/" }: { title: string; children?: ReactNode; to?: string }) {
  const { t } = useSpeech();
  return (
    <section className="card" role="status">
      <p className="big">✓ {title}</p>
      {children}
      <Link href={to} className="main">
        {t("wallet.done")}
      </Link>
    </section>
  );
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
              <span>{props.right(row)}</span>
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
  const refused = error instanceof Refused ? error : null;
  const sentence = useSentence(refused);
  if (error && !refused) throw error;
  if (!refused || sentence === null) return null;
  return (
    <p className="refusal" role="alert">
      {sentence}
    </p>
  );
}

/** What stands for a page's content until it is there: that it is awaited, or why it did not come and asking again. */
export function Awaited({ of }: { of: { isPending: boolean; error: unknown; refetch: () => unknown } }) {
  const { t } = useSpeech();
  if (of.isPending) return <Waiting />;
  if (!of.error) return null;
  return (
    <>
      <Refusal error={of.error} />
      {isPassing(of.error) && (
        <button type="button" className="other" onClick={() => void of.refetch()}>
          {t("wallet.again")}
        </button>
      )}
    </>
  );
}

/** Whether the same may go well a moment later. */
export function isPassing(error: unknown): boolean {
  return error instanceof Refused && (error.status === 0 || error.status >= 500 || error.status === 429);
}

export function Waiting() {
  const { t } = useSpeech();
  return (
    <p className="waiting" role="progressbar" aria-label={t("wallet.waiting")}>
      <span aria-hidden="true">· · ·</span>
    </p>
  );
}
