// The browsers in which I am signed in: what I do not know is signed out at once.
import { useQueryClient } from "@tanstack/react-query";
import { api, type Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { useState } from "react";
import { Awaited, Refusal } from "./parts";

export function Devices() {
  const { t } = useSpeech();
  const found = api.useQuery("get", "/v1/sessions", {});
  return (
    <section>
      <h2>{t("devices.title")}</h2>
      <Awaited of={found} />
      {found.data?.data.map((each) => (
        <One key={each.id} device={each} />
      ))}
    </section>
  );
}

function One({ device }: { device: Schemas["BrowserSession"] }) {
  const { t, instant } = useSpeech();
  const queries = useQueryClient();
  const end = api.useMutation("delete", "/v1/sessions/{key_id}", { onSuccess: () => queries.invalidateQueries() });
  const [isSure, setSure] = useState(false);
  const name = device.device || t("devices.unknown");
  return (
    <section className="card" aria-label={`${name} ${instant(device.began_at)}`}>
      <p>
        <strong>{name}</strong>
        {device.is_this && ` · ${t("devices.this")}`}
      </p>
      <p className="soft">{t("devices.since", { at: instant(device.began_at) })}</p>
      <Refusal error={end.error} />
      {!device.is_this && (
        <button
          type="button"
          className="plain"
          disabled={end.isPending}
          onClick={() => (isSure ? end.mutate({ params: { path: { key_id: device.id } } }) : setSure(true))}
        >
          {t(isSure ? "devices.end_sure" : "devices.end")}
        </button>
      )}
    </section>
  );
}
