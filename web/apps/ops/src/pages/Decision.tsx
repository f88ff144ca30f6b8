import { api } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { Facts } from "@tiao/desk/Facts";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { Button, Card, Tag, Typography } from "antd";
import { useState } from "react";
import { useParams } from "wouter";
import { Decided } from "../parts/About";
import { Id } from "../parts/Shown";

/** A decision with all that is kept of it; it can be computed again here, and must come out the same to the bit. */
export default function Decision() {
  const { t, instant } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const path = { params: { path: { decision_id: id } } };
  const [isAsked, setAsked] = useState(false);
  const may = useMay("credit:write");
  const record = api.useQuery("get", "/v1/decisions/{decision_id}/record", path, { enabled: may });
  const shown = api.useQuery("get", "/v1/decisions/{decision_id}", path);
  const rerun = api.useQuery("get", "/v1/decisions/{decision_id}/rerun", path, { enabled: isAsked });
  return (
    <>
      <Typography.Title level={1}>{t("decision.title")}</Typography.Title>
      <Refusal error={shown.error ?? record.error} />
      <Card>
        <Decided id={id} />
      </Card>
      {record.data && (
        <Card
          title={t("decision.inputs")}
          extra={
            <Button loading={rerun.isFetching} onClick={() => setAsked(true)}>
              {t("decision.rerun")}
            </Button>
          }
        >
          <div className="stack">
            {rerun.data && (
              <Tag color={rerun.data.is_equal ? "success" : "error"}>
                {t(rerun.data.is_equal ? "decision.equal" : "decision.differs")}
              </Tag>
            )}
            <Refusal error={rerun.error} />
            <Facts
              of={[
                [t("case.customer"), shown.data ? <Id key="c" of={shown.data.customer} /> : null],
                [t("decision.at"), instant(record.data.decided_at)],
                [t("decision.actor"), record.data.actor],
                [t("decision.policy"), record.data.policy_version],
                [
                  "SHA-256",
                  <span key="d" className="id">
                    {record.data.inputs_sha256}
                  </span>,
                ],
              ]}
            />
            <Facts of={Object.entries(record.data.inputs).map(([name, value]) => [name, JSON.stringify(value)])} />
          </div>
        </Card>
      )}
    </>
  );
}
