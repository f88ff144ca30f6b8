import { useQueryClient } from "@tanstack/react-query";
import { api, once } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { useParams } from "wouter";
import { Done, Facts, Money, Page, Refusal } from "../parts";

/** Let an instalment fall due some days later: until when, and that it costs nothing. */
export default function Defer() {
  const { t, day } = useSpeech();
  const { id, number } = useParams<{ id: string; number: string }>();
  const queries = useQueryClient();
  const [days, setDays] = useState(1);
  const [isTicked, setTicked] = useState(false);
  const [header] = useState(once);
  const path = { loan_id: id, number: Number(number) };
  const found = api.useQuery(
    "get",
    "/v1/loans/{loan_id}/instalments/{number}/deferral",
    { params: { path } },
    { retry: false },
  );
  const defer = api.useMutation("post", "/v1/loans/{loan_id}/instalments/{number}/deferral", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const told = found.data;
  const later = told && new Date(Date.parse(`${told.due_on}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    defer.mutate({ params: { path, header }, body: { days, reason: t("defer.reason") } });
  };
  return (
    <Page title={t("defer.title")} back={`/loans/${id}`}>
      <Refusal error={found.error} />
      {defer.data ? (
        <Done title={t("defer.done")} to={`/loans/${id}`} />
      ) : (
        told &&
        later && (
          <form className="card" onSubmit={submit}>
            <Facts
              of={[
                [t("bill.open"), <Money key="o" minor={told.open_minor} currency={told.currency} />],
                [t("bill.due"), day(told.due_on)],
              ]}
            />
            <label>
              {t("defer.days", { days: told.days_max })}
              <input
                type="number"
                inputMode="numeric"
                min={1}
                max={told.days_max}
                required
                value={days}
                onChange={(event) => setDays(Math.max(1, Math.trunc(Number(event.currentTarget.value)) || 1))}
              />
            </label>
            <Facts
              of={[
                [t("defer.new_due"), day(later)],
                [t("defer.fee"), <Money key="f" minor={told.fee_minor} currency={told.currency} />],
              ]}
            />
            <p>{t("defer.note")}</p>
            <label className="choice">
              <input type="checkbox" checked={isTicked} onChange={(event) => setTicked(event.currentTarget.checked)} />
              <span>{t("defer.agree")}</span>
            </label>
            <Refusal error={defer.error} />
            <button className="main" disabled={defer.isPending || !isTicked || days > told.days_max}>
              {t("defer.confirm")}
            </button>
          </form>
        )
      )}
    </Page>
  );
}
