package server

import (
	"net/http"
	"strconv"
	"time"
)

// What can be wrong with tickets and parties beside what problem.go lists.

func unknownQueue(name, known string) *Problem {
	return problem(http.StatusNotFound, "unknown-queue", "The game has no queue called "+strconv.Quote(name)+".", known)
}

func unknownTicket() *Problem {
	return problem(http.StatusNotFound, "unknown-ticket", "There is no such ticket, or it is long over.", "Ask for another with POST /v1/tickets.")
}

func notYours() *Problem {
	return problem(http.StatusForbidden, "not-yours", "Only members of the ticket may do that.", "Send the Ticket-Secret that you were given, or your identity.")
}

func nothingToAccept() *Problem {
	return problem(http.StatusConflict, "nothing-to-accept", "The ticket has no match that waits to be accepted.", "Look at the ticket: another may have declined, or the time is over.")
}

func alreadyWaiting(ticket string) *Problem {
	return problem(http.StatusConflict, "already-waiting", "A player waits already, with the ticket "+ticket+".", "Cancel it with DELETE /v1/tickets/"+ticket+".")
}

func partyWaits() *Problem {
	return problem(http.StatusConflict, "already-waiting", "The party waits in a queue already.", "Join once its match is there, or ask the party to leave the queue.")
}

func queueClosed(queue string) *Problem {
	return problem(http.StatusServiceUnavailable, "queue-closed", "The queue "+queue+" takes nobody in at present.", "Try again later.").after(30 * time.Second)
}

func queueFull(queue string) *Problem {
	return problem(http.StatusServiceUnavailable, "queue-full", "As many wait in "+queue+" as may.", "Try again later.").after(30 * time.Second)
}

func partyTooLarge(queue string, most int) *Problem {
	return problem(http.StatusConflict, "party-too-large", "The queue "+queue+" takes parties of at most "+strconv.Itoa(most)+".", "Split up, or choose another queue.")
}

func tooManyStreams() *Problem {
	return problem(http.StatusServiceUnavailable, "too-many-watching", "As many of this address watch tickets as may.", "Ask for the ticket with ?wait=25 instead.").after(10 * time.Second)
}

// noParty is the same for parties that never were, are over, or are full.
func noParty() *Problem {
	return problem(http.StatusNotFound, "no-party", "This code lets you into no party.", "Look at the code again, or ask who gave it to you: the party may be full or over.")
}

func noParties(game string) *Problem {
	return problem(http.StatusConflict, "no-parties", game+" has no queue for parties.", "Queue alone.")
}

func notLeader() *Problem {
	return problem(http.StatusForbidden, "not-leader", "Only who leads the party queues for it.", "Ask the first of its members to.")
}
