// A reason belongs to every answer: a digit sends one of the usual ones, or it is typed; Enter sends it.
import { useSpeech } from "@tiao/ui";
import { Button, Input } from "antd";
import { useState } from "react";
import { Dialog } from "./Dialog";
import { Refusal } from "./Refusal";
import { useKeys } from "./keys";

export function Ask(props: {
  title: string;
  usual?: string[];
  isDanger?: boolean;
  isPending: boolean;
  error: unknown;
  onCancel: () => void;
  onAnswer: (reason: string) => void;
}) {
  const { t } = useSpeech();
  const [reason, setReason] = useState("");
  // What was refused before this was asked is no answer to it.
  const [before] = useState<unknown>(props.error);
  const usual = props.usual ?? [];
  const send = () => {
    if (reason.trim() && !props.isPending) props.onAnswer(reason.trim());
  };
  // Whoever presses the digit while the question still opens is answered, too.
  const digits = Object.fromEntries(usual.map((text, index) => [String(index + 1), () => props.onAnswer(text)]));
  useKeys(digits, reason !== "" || props.isPending, true);
  return (
    <Dialog
      title={props.title}
      onCancel={props.onCancel}
      onOk={send}
      okText={t("queue.send")}
      okButtonProps={{ disabled: !reason.trim(), loading: props.isPending, danger: props.isDanger ?? false }}
    >
      <div className="stack">
        <Input
          autoFocus
          aria-label={t("case.reason")}
          placeholder={t("case.reason")}
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onPressEnter={send}
        />
        <div className="canned">
          {usual.map((text, index) => (
            <Button key={text} size="small" disabled={props.isPending} onClick={() => props.onAnswer(text)}>
              {index + 1} {text}
            </Button>
          ))}
        </div>
        <Refusal error={props.error === before ? null : props.error} />
      </div>
    </Dialog>
  );
}
