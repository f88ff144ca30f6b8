// How a company is graded by the rules of the day, and from what.
import { api, once, type Schemas } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Tag } from "antd";

export function Grades({ of }: { of: Schemas["MerchantApplicationShown"] }) {
  const { t, code, instant } = useSpeech();
  const may = useMay("merchants:write");
  const queries = useQueryClient();
  const path = { application_id: of.id };
  const found = api.useQuery("get", "/v1/merchant_applications/{application_id}/grades", { params: { path } });
  const grade = api.useMutation("post", "/v1/merchant_applications/{application_id}/grades", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const grades = found.data?.data ?? [];
  return (
    <Card
      size="small"
      title={t("onboarding.grades")}
      extra={
        may &&
        of.state === "submitted" && (
          <Button
            size="small"
            loading={grade.isPending}
            onClick={() => grade.mutate({ params: { path, header: once() } })}
          >
            {t("onboarding.make_grade")}
          </Button>
        )
      }
    >
      <Refusal error={found.error ?? grade.error} />
      {found.data && grades.length === 0 && t("onboarding.not_graded")}
      {grades.map((each) => (
        <div key={each.number} className="stack">
          <div>
            <strong>{each.grade}</strong> · {t("onboarding.points", { points: each.points })} · {instant(each.at)} ·{" "}
            <span className="id">{each.rules_version}</span>
          </div>
          {each.reasons.length === 0 && t("onboarding.no_points")}
          {each.reasons.map((reason) => (
            <Tag key={reason.finding}>
              {code("onboarding.finding", reason.finding)} {reason.points}
            </Tag>
          ))}
        </div>
      ))}
    </Card>
  );
}
