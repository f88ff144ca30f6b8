// How a company becomes a merchant: its papers, how far it has come, what it signs, and what it became.
import { api, once, Refused, type Schemas } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { Heading } from "@tiao/desk/Heading";
import { Refusal } from "@tiao/desk/Refusal";
import { refusedLast, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Empty, Popconfirm, Spin, Steps, Table } from "antd";
import { Activation } from "../applying/Activation";
import { Contracts } from "../applying/Contracts";
import { Papers } from "../applying/Papers";

type Application = Schemas["MerchantApplicationShown"];
type State = Schemas["ApplicationState"];

/** The steps that a company sees; what staff do between them is one step to it. */
const STEPS = ["draft", "submitted", "approved", "active"] as const;
const STEP_OF: Record<State, number> = {
  draft: 0,
  submitted: 1,
  proposed: 1,
  approved: 2,
  signed: 2,
  active: 3,
  refused: 1,
  withdrawn: 0,
};

export default function Applying() {
  const { t } = useSpeech();
  const found = api.useQuery("get", "/v1/merchant_applications/current", {}, { retry: false });
  const isNone = found.error instanceof Refused && found.error.code === "merchant_application_unknown";
  return (
    <>
      <Heading title="portal.onboarding" />
      {found.isPending && <Spin />}
      {isNone && <Empty description={t("applying.none")} />}
      <Refusal error={isNone ? null : found.error} />
      {found.data && <Whole of={found.data} />}
    </>
  );
}

function Whole({ of }: { of: Schemas["MerchantApplicationInFull"] }) {
  const { t, code } = useSpeech();
  const { application, merchants } = of;
  return (
    <>
      <Progress of={application} />
      <Facts
        of={[
          [t("applying.company"), application.company],
          [t("applying.trade_name"), application.trade_name],
          [
            t("applying.code"),
            <span key="c" className="id">
              {application.credit_code}
            </span>,
          ],
          [t("applying.representative"), application.representative],
          [t("applying.scenes"), application.scenes.map((each) => code("scene", each)).join("、")],
          [t("applying.account"), `${application.account_holder} …${application.account_tail}`],
        ]}
      />
      <Papers of={application} />
      {!["draft", "submitted", "proposed", "refused", "withdrawn"].includes(application.state) && (
        <Contracts of={application} />
      )}
      {application.state === "signed" && <Activation application={application.id} />}
      {merchants.length > 0 && (
        <Card title={t("applying.merchants")}>
          <Table
            size="small"
            rowKey="merchant"
            pagination={false}
            dataSource={merchants}
            columns={[
              { title: t("applying.scenes"), render: (_, row) => code("scene", row.scene) },
              { title: "ID", render: (_, row) => <span className="id">{row.merchant}</span> },
              {
                title: t("settlement.discount"),
                align: "right",
                render: (_, row) => `${(Number(row.discount_rate) * 100).toFixed(2)} %`,
              },
            ]}
          />
        </Card>
      )}
    </>
  );
}

function Progress({ of }: { of: Application }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const path = { application_id: of.id };
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const submit = api.useMutation("post", "/v1/merchant_applications/{application_id}/submission", renew);
  const withdraw = api.useMutation("post", "/v1/merchant_applications/{application_id}/withdrawal", renew);
  const isOver = of.state === "refused" || of.state === "withdrawn";
  return (
    <Card
      title={t("applying.steps")}
      extra={
        <>
          {of.state === "draft" && (
            <Button
              type="primary"
              loading={submit.isPending}
              onClick={() => submit.mutate({ params: { path, header: once() } })}
            >
              {t("applying.submit")}
            </Button>
          )}{" "}
          {!isOver && of.state !== "active" && (
            <Popconfirm
              title={t("applying.withdraw_sure")}
              onConfirm={() => withdraw.mutate({ params: { path, header: once() } })}
            >
              <Button danger>{t("applying.withdraw")}</Button>
            </Popconfirm>
          )}
        </>
      }
    >
      <div className="stack">
        <Steps
          size="small"
          current={STEP_OF[of.state]}
          status={of.state === "refused" ? "error" : of.state === "active" ? "finish" : "process"}
          items={STEPS.map((step) => ({ title: t(`applying.step.${step}`) }))}
        />
        {of.state === "refused" && (
          <Alert type="error" showIcon title={t("applying.refused")} description={of.reasons.join("；")} />
        )}
        {of.state === "withdrawn" && <Alert type="info" showIcon title={t("applying.withdrawn")} />}
        <Refusal error={refusedLast(submit, withdraw)} />
      </div>
    </Card>
  );
}
