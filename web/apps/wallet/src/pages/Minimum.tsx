// Paying only the minimum: what it takes, what carrying the rest on costs, agreed to with its sheet read.
import { useQueryClient } from "@tanstack/react-query";
import { api, once } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { useState } from "react";
import { useParams } from "wouter";
import { CostSheet } from "../CostSheet";
import { Awaited, Done, Facts, Money, Page } from "../parts";

export default function Minimum() {
  const { t, day } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const queries = useQueryClient();
  const [header] = useState(once);
  const path = { bill_id: id };
  const found = api.useQuery("get", "/v1/bills/{bill_id}/minimum_payment", { params: { path } }, { retry: false });
  const agree = api.useMutation("post", "/v1/bills/{bill_id}/minimum_payment", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const told = found.data;
  return (
    <Page title={t("minimum.title")} back={`/bills/${id}`}>
      <Awaited of={found} />
      {told && (
        <section className="card">
          <Facts
            of={[
              [t("minimum.pay"), <Money key="p" minor={told.still_to_pay_minor} currency={told.currency} />],
              [t("minimum.by"), day(told.due_on)],
              [t("minimum.carried"), <Money key="c" minor={told.carried_max_minor} currency={told.currency} />],
              [t("minimum.interest"), <Money key="i" minor={told.interest_minor} currency={told.currency} />],
              [t("minimum.next_due"), day(told.next_due_on)],
            ]}
          />
          {told.is_agreed && <p role="status">{t("minimum.agreed")}</p>}
        </section>
      )}
      {agree.data ? (
        <Done title={t("minimum.agreed")} to="/repay" />
      ) : (
        told &&
        !told.is_agreed && (
          <CostSheet
            sheet={told.cost_sheet}
            confirm={t("minimum.confirm")}
            isBusy={agree.isPending}
            error={agree.error}
            onConfirm={(read) => agree.mutate({ params: { path, header }, body: { cost_sheet: read } })}
          />
        )
      )}
    </Page>
  );
}
