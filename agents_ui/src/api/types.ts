import type { components } from "./schema";

type Schemas = components["schemas"];

export type AgendaColumn = Schemas["AgendaColumn"];
export type AgendaDay = Schemas["AgendaDay"];
export type AgendaEntry = Schemas["AgendaEntry"];
export type AgentNow = Schemas["AgentNow"];
export type AgentOnBoard = Schemas["AgentOnBoard"];
export type Board = Schemas["Board"];
export type Branch = Schemas["BranchInfo"];
export type CallDetail = Schemas["CallDetail"];
export type CallPage = Schemas["CallPage"];
export type CallSummary = Schemas["CallSummary"];
export type Caller = Schemas["Caller"];
export type Demo = Schemas["DemoPhone"];
export type Confirmation = Schemas["ConfirmationView"];
export type Clinic = Schemas["ClinicInfo"];
export type LiveCall = Schemas["LiveCall"];
export type MyDesk = Schemas["MyDesk"];
export type Me = Schemas["Me"];
export type Opening = Schemas["Opening"];
export type PatientFile = Schemas["PatientFile"];
export type PatientHit = Schemas["PatientView"];
export type Problem = Schemas["Problem"];
export type Professional = Schemas["ProfessionalInfo"];
export type Recording = Schemas["RecordingInfo"];
export type SupervisorDone = Schemas["Done"];
export type StreamEvent = Schemas["StreamEvent"];
export type Ticket = Schemas["TicketInfo"];
export type KeptPlace = Schemas["KeptPlaceView"];
export type WaitingCaller = Schemas["WaitingCaller"];
export type QueueNow = Schemas["QueueNow"];
export type DeskReport = Schemas["DeskReport"];
export type Visit = Schemas["AppointmentView"];
export type StreamMessage =
  | Schemas["Snapshot"]
  | Schemas["Events"]
  | Schemas["CallShown"]
  | Schemas["CallerShown"]
  | Schemas["BoardShown"]
  | Schemas["Pulse"];
export type Watch = Schemas["Watch"];
export type AgendaWeek = Schemas["AgendaWeek"];
export type FileForm = Schemas["FileForm"];
export type FreeSlot = Schemas["FreeSlot"];
export type Likely = Schemas["Likely"];
export type SlotSearch = Schemas["SlotSearch"];
