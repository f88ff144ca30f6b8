import { api, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { useState } from "react";

type Step = "shadow" | "promotion" | "withdrawal" | "rollback";
const NAMES = {
  shadow: "model.to_shadow",
  promotion: "model.promote",
  withdrawal: "model.withdraw",
  rollback: "model.put_back",
} as const;

/** The steps that can be taken now with the version that is looked at, or with what decides. */
export function FraudSteps({ models, version }: { models: Schemas["RiskModelsShown"]; version: string | null }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [step, setStep] = useState<Step | null>(null);
  const done = {
    onSuccess: () => {
      setStep(null);
      return queries.invalidateQueries();
    },
  };
  const shadow = api.useMutation("post", "/v1/risk/models/{version}/shadow", done);
  const promotion = api.useMutation("post", "/v1/risk/models/{version}/promotion", done);
  const withdrawal = api.useMutation("post", "/v1/risk/models/withdrawal", done);
  const rollback = api.useMutation("post", "/v1/risk/models/rollback", done);
  const isIdle = version !== null && version !== models.deciding && models.in_shadow === null;
  const steps: Step[] = [
    ...(isIdle ? ["shadow" as const] : []),
    ...(models.in_shadow === null ? [] : ["promotion" as const, "withdrawal" as const]),
    ...(models.can_go_back ? ["rollback" as const] : []),
  ];
  const send = (reason: string) => {
    const header = once();
    const of = (named: string) => ({ params: { path: { version: named }, header }, body: { reason } });
    if (step === "shadow" && version) shadow.mutate(of(version));
    if (step === "promotion" && models.in_shadow) promotion.mutate(of(models.in_shadow));
    if (step === "withdrawal") withdrawal.mutate({ params: { header }, body: { reason } });
    if (step === "rollback") rollback.mutate({ params: { header }, body: { reason } });
  };
  const change = { shadow, promotion, withdrawal, rollback }[step ?? "shadow"];
  return (
    <Flex gap="small" wrap>
      {steps.map((each) => (
        <Button
          key={each}
          type={each === "promotion" ? "primary" : "default"}
          danger={each === "rollback"}
          onClick={() => setStep(each)}
        >
          {t(NAMES[each])}
        </Button>
      ))}
      {step && (
        <Ask
          title={t(`model.sure.${step}`)}
          isDanger={step === "rollback"}
          isPending={change.isPending}
          error={change.error}
          onCancel={() => setStep(null)}
          onAnswer={send}
        />
      )}
    </Flex>
  );
}
