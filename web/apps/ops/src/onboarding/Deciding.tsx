// One proposes that a company be approved, another agrees, sends it back or refuses. The server sees to it.
import { api, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useMay, useWho } from "@tiao/desk/Desk";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { useState } from "react";

type Step = "proposal" | "approval" | "return" | "refusal";
/** What can be done in which state. */
const STEPS: Partial<Record<Schemas["ApplicationState"], Step[]>> = {
  submitted: ["proposal", "refusal"],
  proposed: ["approval", "return", "refusal"],
};
const NAMES = { proposal: "propose", approval: "approve", return: "return", refusal: "refuse" } as const;

export function Deciding({ of }: { of: Schemas["MerchantApplicationShown"] }) {
  const { t } = useSpeech();
  const { subject } = useWho();
  const may = useMay("merchants:write");
  const queries = useQueryClient();
  const [step, setStep] = useState<Step | null>(null);
  const done = {
    onSuccess: () => {
      setStep(null);
      return queries.invalidateQueries();
    },
  };
  const propose = api.useMutation("post", "/v1/merchant_applications/{application_id}/proposal", done);
  const approve = api.useMutation("post", "/v1/merchant_applications/{application_id}/approval", done);
  const back = api.useMutation("post", "/v1/merchant_applications/{application_id}/return", done);
  const refuse = api.useMutation("post", "/v1/merchant_applications/{application_id}/refusal", done);
  const steps = STEPS[of.state] ?? [];
  if (!may || steps.length === 0) return null;
  const send = (note: string) => {
    const params = { path: { application_id: of.id }, header: once() };
    if (step === "proposal") propose.mutate({ params, body: { note } });
    if (step === "approval") approve.mutate({ params, body: { note } });
    if (step === "return") back.mutate({ params, body: { note } });
    if (step === "refusal") refuse.mutate({ params, body: { note, reasons: [note] } });
  };
  const change = { proposal: propose, approval: approve, return: back, refusal: refuse }[step ?? "proposal"];
  const usual =
    step === "refusal"
      ? [t("onboarding.refuse_1"), t("onboarding.refuse_2"), t("onboarding.refuse_3")]
      : [t("onboarding.usual_1"), t("onboarding.usual_2")];
  return (
    <Flex gap="small" wrap>
      {steps.map((each) => (
        <Button
          key={each}
          type={each === "proposal" || each === "approval" ? "primary" : "default"}
          danger={each === "refusal"}
          disabled={each === "approval" && of.proposed_by === subject}
          title={each === "approval" && of.proposed_by === subject ? t("policy.not_your_own") : ""}
          onClick={() => setStep(each)}
        >
          {t(`onboarding.${NAMES[each]}`)}
        </Button>
      ))}
      {step && (
        <Ask
          title={t(`onboarding.sure.${step}`)}
          usual={usual}
          isDanger={step === "refusal"}
          isPending={change.isPending}
          error={change.error}
          onCancel={() => setStep(null)}
          onAnswer={send}
        />
      )}
    </Flex>
  );
}
