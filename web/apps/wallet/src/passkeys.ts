// What a device is asked to make or sign. The server decides; here bytes are only carried to and fro.
import { Refused, type Schemas } from "@tiao/api";
import { toBytes, toText } from "./bytes";

export const canUsePasskeys = () => typeof PublicKeyCredential === "function" && isSecureContext;

export interface Signature {
  credential: string;
  client_data: string;
  authenticator_data: string;
  signature: string;
}

/** A device, or whoever holds it, said no: which of both is not told to pages. */
function declined(): Refused {
  return new Refused({ code: "passkey_not_given", status: 0, detail: "", facts: {} });
}

export async function make(asked: Schemas["PasskeyToMake"], name: string): Promise<Schemas["PasskeyMade"]> {
  const made = await navigator.credentials
    .create({
      publicKey: {
        challenge: toBytes(asked.challenge),
        rp: { id: asked.rp_id, name: asked.rp_id },
        user: { id: toBytes(asked.user), name: asked.user_name, displayName: asked.user_name },
        pubKeyCredParams: asked.algorithms.map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: asked.known.map((id) => ({ type: "public-key", id: toBytes(id) })),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        attestation: "none",
      },
    })
    .catch(() => null);
  if (!(made instanceof PublicKeyCredential) || !(made.response instanceof AuthenticatorAttestationResponse))
    throw declined();
  return {
    challenge: asked.id,
    name,
    credential: toText(made.rawId),
    client_data: toText(made.response.clientDataJSON),
    attestation: toText(made.response.attestationObject),
  };
}

/** Sign what is asked; without *known*, the device offers whatever it keeps for this place and says whose it is. */
export async function sign(asked: {
  challenge: string;
  rp_id: string;
  known?: string[];
}): Promise<{ signature: Signature; user: string }> {
  const signed = await navigator.credentials
    .get({
      publicKey: {
        challenge: toBytes(asked.challenge),
        rpId: asked.rp_id,
        allowCredentials: (asked.known ?? []).map((id) => ({ type: "public-key", id: toBytes(id) })),
        userVerification: "required",
      },
    })
    .catch(() => null);
  if (!(signed instanceof PublicKeyCredential) || !(signed.response instanceof AuthenticatorAssertionResponse))
    throw declined();
  const { clientDataJSON, authenticatorData, signature, userHandle } = signed.response;
  return {
    signature: {
      credential: toText(signed.rawId),
      client_data: toText(clientDataJSON),
      authenticator_data: toText(authenticatorData),
      signature: toText(signature),
    },
    user: userHandle ? toText(userHandle) : "",
  };
}
