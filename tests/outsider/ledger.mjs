// Asking a node: JSON-RPC, with the ABI encoded by hand. All answers are of one final block.
import { demand } from "./forms.mjs";

const answered = (right, detail) => demand(right, detail, "ledger_unreachable");
const HEAD_ADVANCED = "0x8b32b842c71dd529ef1e0f81abe3a7aef4b3e3dbe55d01ba813b2f353f919e60";
const hex = (value) => "0x" + BigInt(value).toString(16);
const word = (value) => (Buffer.isBuffer(value) ? value.toString("hex") : BigInt(value).toString(16)).padStart(64, "0");
export const number = (bytes) => BigInt("0x" + bytes.toString("hex"));
/** Whether a period, two words, holds at a time. */
export const holds = ([from, end], at) => number(from) && number(from) <= at && (!number(end) || at < number(end));

/** The words of the ABI array that stands at a place. */
export function array(words, place) {
  const start = Number(number(words[place])) / 32;
  const end = start + 1 + Number(number(words[start] ?? Buffer.alloc(1)));
  answered(end <= words.length, "the node answers otherwise: no ABI array");
  return words.slice(start + 1, end);
}

export async function open(url, trust, tag) {
  async function ask(method, ...params) {
    try {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }), signal = AbortSignal.timeout(20_000);
      const headers = { "content-type": "application/json" };
      const { error, result } = await (await fetch(url, { method: "POST", headers, body, signal })).json();
      answered(!error && result !== undefined, JSON.stringify(error));
      return result;
    } catch (error) {
      answered(false, `${method}: ${error.message}`);
    }
  }
  async function block(at) {
    const found = await ask("eth_getBlockByNumber", typeof at === "string" ? at : hex(at), false);
    return found && { number: BigInt(found.number), hash: found.hash, time: BigInt(found.timestamp) };
  }
  const chain = BigInt(await ask("eth_chainId")), final = await block(tag);
  answered(final && chain === BigInt(trust.chain_id), "the node has no final block, or is of another chain");
  /** The words, at least so many, that a function of a contract answers. */
  async function call(contract, selector, least, ...values) {
    const data = "0x" + selector + values.map(word).join("");
    const answer = await ask("eth_call", { to: trust[contract], data }, hex(final.number));
    const words = answer.slice(2).match(/[0-9a-f]{64}/g) ?? [];
    answered(words.length >= least, `${selector}: the node answers otherwise`);
    return words.map((each) => Buffer.from(each, "hex"));
  }
  /** Where a head was accepted, between two heights: block and transaction, or undefined. */
  async function advanced(log, epoch, size, first, last) {
    const topics = [HEAD_ADVANCED, "0x" + word(log), "0x" + word(epoch), "0x" + word(size)];
    const filter = { address: trust.usage_ledger, topics, fromBlock: hex(first), toBlock: hex(last) };
    const [event] = await ask("eth_getLogs", filter);
    return event && { ...(await block(event.blockNumber)), transaction: event.transactionHash };
  }
  return { block, call, advanced, final };
}
