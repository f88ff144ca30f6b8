// Let an instalment fall due some days later: until when, and all that it costs, read and confirmed before it is so.
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { api } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { useState } from "react";
import { Link, useParams } from "wouter";
import { CostSheet } from "../CostSheet";
import { useKeyed } from "../keyed";
import { Awaited, Choice, Done, Facts, Money, Page } from "../parts";

export default function Defer() {
  const { t, day } = useSpeech();
  const { id, number } = useParams<{ id: string; number: string }>();
  const queries = useQueryClient();
  const [days, setDays] = useState<number | undefined>(undefined);
  const [isReading, setReading] = useState(false);
  const keyed = useKeyed();
  const path = { loan_id: id, number: Number(number) };
  const found = api.useQuery(
    "get",
    "/v1/loans/{loan_id}/instalments/{number}/deferral",
    { params: { path, query: { days } } },
    { retry: false, placeholderData: keepPreviousData },
  );
  const defer = api.useMutation("post", "/v1/loans/{loan_id}/instalments/{number}/deferral", {
    onSuccess: () => queries.invalidateQueries({ queryKey: ["get", "/v1/bills"] }),
  });
  const told = found.data;
  const sheet = told?.cost_sheet;
  if (defer.data)
    return (
      <Page title={t("defer.title")} back={`/loans/${id}`}>
        <Done title={t("defer.done")} to={`/loans/${id}`} />
      </Page>
    );
  return (
    <Page title={t("defer.title")} back={`/loans/${id}`}>
      <Awaited of={found} />
      {found.error !== null && !told && <Elsewhere loan={id} />}
      {told && (
        <section className="card">
          <Facts
            of={[
              [t("bill.open"), <Money key="o" minor={told.open_minor} currency={told.currency} />],
              [t("bill.due"), day(told.due_on)],
              [t("defer.new_due"), sheet && <strong>{day(told.new_due_on)}</strong>],
              [t("defer.fee"), <Money key="f" minor={told.fee_minor} currency={told.currency} />],
            ]}
          />
          {told.days_max === 0 ? (
            <p>{t("defer.used_up")}</p>
          ) : (
            !isReading && (
              <fieldset>
                <legend>{t("defer.days")}</legend>
                {upTo(told.days_max).map((each) => (
                  <Choice key={each} name="days" on={days === each} onChoose={() => setDays(each)}>
                    {t("defer.some_days", { days: each })}
                  </Choice>
                ))}
              </fieldset>
            )
          )}
          {told.days_max > 0 && !isReading && (
            <button
              type="button"
              className="main"
              disabled={days === undefined || found.isPlaceholderData}
              onClick={() => setReading(true)}
            >
              {t("plan.read")}
            </button>
          )}
          {isReading && (
            <button type="button" className="plain" onClick={() => setReading(false)}>
              {t("defer.other_days")}
            </button>
          )}
        </section>
      )}
      {isReading && sheet && told && (
        <>
          <p>{t("defer.note")}</p>
          <CostSheet
            key={sheet.digest}
            sheet={sheet}
            confirm={t("defer.confirm")}
            isBusy={defer.isPending}
            error={defer.error}
            onConfirm={(read) =>
              defer.mutate({
                params: { path, header: keyed.of([id, number, told.days]) },
                body: { days: told.days, reason: t("defer.reason"), cost_sheet: read },
              })
            }
          />
        </>
      )}
    </Page>
  );
}

/** Where it cannot be deferred, what else there is. */
function Elsewhere({ loan }: { loan: string }) {
  const { t } = useSpeech();
  return (
    <nav className="card" aria-label={t("loan.may")}>
      <Link href="/repay" className="main">
        {t("wallet.repay")}
      </Link>
      <Link href={`/me/requests?kind=hardship&loan=${loan}`} className="plain">
        {t("loan.hardship")}
      </Link>
    </nav>
  );
}

const upTo = (most: number) => Array.from({ length: most }, (_, place) => place + 1);
