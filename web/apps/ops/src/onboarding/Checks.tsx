// What the register of companies says of one, and in what it says otherwise than the company.
import { api, once, type Schemas } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { Facts } from "@tiao/desk/Facts";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Tag } from "antd";
import { Money } from "../parts/Shown";

export function Checks({ of }: { of: Schemas["MerchantApplicationShown"] }) {
  const { t } = useSpeech();
  const may = useMay("merchants:write");
  const queries = useQueryClient();
  const path = { application_id: of.id };
  const found = api.useQuery("get", "/v1/merchant_applications/{application_id}/checks", { params: { path } });
  const ask = api.useMutation("post", "/v1/merchant_applications/{application_id}/checks", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const [latest] = found.data?.data ?? [];
  return (
    <Card
      size="small"
      title={t("onboarding.checks")}
      extra={
        may &&
        of.state === "submitted" && (
          <Button size="small" loading={ask.isPending} onClick={() => ask.mutate({ params: { path, header: once() } })}>
            {t("onboarding.ask")}
          </Button>
        )
      }
    >
      <Refusal error={found.error ?? ask.error} />
      {latest ? <Check of={latest} /> : t("onboarding.not_asked")}
    </Card>
  );
}

function Check({ of }: { of: Schemas["CheckShown"] }) {
  const { t, code, instant, day } = useSpeech();
  const { record } = of;
  return (
    <div className="stack">
      <div>
        <Tag color={of.state === "found" ? "success" : "warning"}>{code("onboarding.check", of.state)}</Tag>{" "}
        {instant(of.answered_at ?? of.asked_at)}
      </div>
      {of.findings.map((each) => (
        <Tag key={each} color="error">
          {code("onboarding.finding", each)}
        </Tag>
      ))}
      {of.state === "found" && of.findings.length === 0 && <Tag color="success">{t("onboarding.no_findings")}</Tag>}
      {record && (
        <Facts
          columns={1}
          of={[
            [t("onboarding.company"), record.company],
            [t("onboarding.representative"), record.representative],
            [t("onboarding.standing"), code("onboarding.standing", record.standing)],
            [t("onboarding.registered_on"), day(record.registered_on)],
            [t("onboarding.capital"), <Money key="c" minor={record.capital_minor} currency="CNY" />],
            [t("onboarding.scope"), record.scope],
          ]}
        />
      )}
    </div>
  );
}
