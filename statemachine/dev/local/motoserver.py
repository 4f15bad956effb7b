"""Run moto's server, with its Step Functions engine able to start executions.

The engine (moto 5.2.5) gives boto the parameters of a state as Step Functions
spells them, StateMachineArn, where boto has stateMachineArn; and it makes boto's
answer the result as it is, with a time that is no JSON. It also takes the name that
Step Functions has for Cognito's API for boto's, and cannot stop an execution well
that begins, or enters a state, or waits for its function. What is mended of moto's
Cognito, EventBridge and SES is in motocognito.py, motoevents.py and motoses.py.
"""

import sys
import time
from datetime import datetime
from threading import Lock

import motocognito
import motoevents
import motoses
import motostate

from moto.server import main
from moto.stepfunctions.parser.api import ExecutionAbortedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramStopped
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker


def respell(members: dict, first: callable) -> None:
    for name in list(members):
        members[first(name[0]) + name[1:]] = members.pop(name)


normalise_parameters = StateTaskServiceSfn._normalise_parameters


def parameters_for_boto(self, parameters: dict, *args, **kwargs) -> None:
    normalise_parameters(self, parameters, *args, **kwargs)
    respell(parameters, str.lower)


def answer_of_boto(self, response: dict, *args, **kwargs) -> None:
    respell(response, str.upper)
    for name, value in response.items():
        if isinstance(value, datetime):
            response[name] = value.timestamp()


MOVING = ("ExecutionStarted", "TaskStateEntered", "TaskScheduled")
stop = ExecutionWorker.stop
set_error = Environment.set_error
ADDING = Lock()
add_event = EventManager.add_event
terminated = BaseExecutionWorkerCommunication.terminated


def stop_at_rest(self, *args, **kwargs) -> None:
    for _ in range(500):
        events = self.env.event_manager.get_event_history() if self.env else []
        if events and events[-1]["type"] not in MOVING:
            break
        time.sleep(0.01)
    stop(self, *args, **kwargs)
    state = self.env.program_state()
    if isinstance(state, ProgramStopped):  # at once, even while a function goes on
        details = ExecutionAbortedEventDetails(error=state.error, cause=state.cause)
        self.env.event_manager.add_event(
            context=EventHistoryContext.of_program_start(),
            event_type=HistoryEventType.ExecutionAborted,
            event_details=EventDetails(executionAbortedEventDetails=details),
        )
        self._execution_communication.terminated()


def set_error_unless_stopped(self, *args, **kwargs) -> None:
    if not isinstance(self.program_state(), ProgramStopped):
        set_error(self, *args, **kwargs)


def add_event_unless_aborted(self, *args, **kwargs) -> int:
    with ADDING:
        if self._history_event_list and self._history_event_list[-1]["type"] == HistoryEventType.ExecutionAborted:
            return 0
        return add_event(self, *args, **kwargs)


def terminated_once(self) -> None:
    if self.execution.stop_date is None:
        env = self.execution.exec_worker.env
        if isinstance(env.program_state(), ProgramEnded):  # the output, before the status says that there is one
            self.execution.output = env.states.get_input()
        terminated(self)


ExecutionWorker.stop = stop_at_rest
Environment.set_error = set_error_unless_stopped
EventManager.add_event = add_event_unless_aborted
BaseExecutionWorkerCommunication.terminated = terminated_once
StateTaskServiceSfn._SERVICE_NAME_SFN_TO_BOTO_OVERRIDES["cognitoidentityprovider"] = "cognito-idp"
StateTaskServiceSfn._normalise_parameters = parameters_for_boto
StateTaskServiceSfn._normalise_response = answer_of_boto
for part in (motocognito, motoevents, motoses, motostate):
    part.patch()

if __name__ == "__main__":
    main(sys.argv[1:])
