// One company that applies: what it says, shows and signs, what the register says, its grade, and who agreed to it.
import { api, type Schemas } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { Card, Table, Tag, Timeline, Typography } from "antd";
import { useParams } from "wouter";
import { Checks } from "../onboarding/Checks";
import { Deciding } from "../onboarding/Deciding";
import { Grades } from "../onboarding/Grades";
import { Papers } from "../onboarding/Papers";
import { STATE_COLOUR } from "../onboarding/states";
import { Id } from "../parts/Shown";

export default function Application() {
  const { t, code, instant } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const path = { application_id: id };
  const found = api.useQuery("get", "/v1/merchant_applications/{application_id}", { params: { path } });
  const whole = found.data;
  if (!whole) {
    return (
      <>
        <Typography.Title level={1}>{t("ops.nav.onboarding")}</Typography.Title>
        <Refusal error={found.error} />
      </>
    );
  }
  const { application } = whole;
  return (
    <>
      <Typography.Title level={1}>
        {application.company}{" "}
        <Tag color={STATE_COLOUR[application.state]}>{code("onboarding.state", application.state)}</Tag>
      </Typography.Title>
      <Deciding of={application} />
      <Said of={application} />
      <div className="two">
        <Papers of={application} />
        <div className="stack">
          <Checks of={application} />
          <Grades of={application} />
          <Signatures application={id} />
        </div>
      </div>
      {whole.merchants.length > 0 && (
        <Card title={t("onboarding.merchants")}>
          <Table
            size="small"
            rowKey="merchant"
            pagination={false}
            dataSource={whole.merchants}
            columns={[
              { title: t("onboarding.scenes"), render: (_, row) => code("scene", row.scene) },
              { title: t("purchase.merchant"), render: (_, row) => <Id of={row.merchant} /> },
              {
                title: t("onboarding.rate"),
                align: "right",
                render: (_, row) => `${(Number(row.discount_rate) * 100).toFixed(2)} %`,
              },
              { title: t("onboarding.grade"), dataIndex: "grade" },
            ]}
          />
        </Card>
      )}
      <Card title={t("onboarding.steps")}>
        <Timeline
          items={whole.steps.map((step) => ({
            content: `${instant(step.at)} · ${code("onboarding.step", step.kind)} · ${step.actor}${step.said ? `: ${step.said}` : ""}`,
          }))}
        />
      </Card>
    </>
  );
}

function Said({ of }: { of: Schemas["MerchantApplicationShown"] }) {
  const { t, code, instant } = useSpeech();
  return (
    <Facts
      of={[
        [
          t("onboarding.code"),
          <span key="c" className="id">
            {of.credit_code}
          </span>,
        ],
        [t("onboarding.trade_name"), of.trade_name],
        [t("onboarding.representative"), of.representative],
        [t("onboarding.phone"), `…${of.phone_tail}`],
        [t("onboarding.account_holder"), of.account_holder],
        [t("onboarding.account"), `…${of.account_tail}`],
        [t("onboarding.scenes"), of.scenes.map((each) => code("scene", each)).join("、")],
        [t("onboarding.websites"), of.websites.join(" ") || null],
        [t("onboarding.stores"), of.stores.join("；") || null],
        [t("onboarding.opened"), instant(of.opened_at)],
        [t("onboarding.submitted"), of.submitted_at && instant(of.submitted_at)],
        [t("onboarding.reasons"), of.reasons.join("；") || null],
      ]}
    />
  );
}

function Signatures({ application }: { application: string }) {
  const { t, code, instant } = useSpeech();
  const path = { application_id: application };
  const found = api.useQuery("get", "/v1/merchant_applications/{application_id}/signatures", { params: { path } });
  const { data = [], unsigned = [] } = found.data ?? {};
  if (data.length + unsigned.length === 0) return null;
  return (
    <Card size="small" title={t("onboarding.signatures")}>
      <ul className="changes">
        {data.map((each) => (
          <li key={each.scene + String(each.version)}>
            {t("onboarding.signed_at", {
              scene: code("scene", each.scene),
              version: each.version,
              at: instant(each.signed_at),
            })}
          </li>
        ))}
        {unsigned.map((each) => (
          <li key={each.digest}>{t("onboarding.unsigned", { title: each.title, version: each.version })}</li>
        ))}
      </ul>
    </Card>
  );
}
