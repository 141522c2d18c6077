package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/miekg/dns"
)

const keyName = "deploy."

var errExists = errors.New("the record set exists")

// recordSet is what stands under one owner and type; values are rdata in presentation format.
type recordSet struct {
	zone, owner, kind string
	ttl               int64
	values            []string
}

func (set recordSet) records() ([]dns.RR, error) {
	var made []dns.RR
	for _, value := range set.values {
		record, err := dns.NewRR(fmt.Sprintf("%s %d IN %s %s", set.owner, set.ttl, set.kind, value))
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", set.kind, value, err)
		}
		made = append(made, record)
	}
	return made, nil
}

func (set recordSet) any() (dns.RR, error) {
	kind, known := dns.StringToType[set.kind]
	if !known {
		return nil, fmt.Errorf("%s is not a record type", set.kind)
	}
	return &dns.ANY{Hdr: dns.RR_Header{Name: set.owner, Rrtype: kind, Class: dns.ClassINET}}, nil
}

func exchange(question *dns.Msg) (*dns.Msg, error) {
	client := dns.Client{Net: "tcp", Timeout: 10 * time.Second}
	client.TsigSecret = map[string]string{keyName: os.Getenv("STANDIN_DNS_KEY")}
	question.SetTsig(keyName, dns.HmacSHA256, 300, time.Now().Unix())
	answer, _, err := client.Exchange(question, os.Getenv("STANDIN_DNS_SERVER"))
	return answer, err
}

// change sends one update: what goes, whole record sets or single records, and what comes.
func change(zone string, created *recordSet, sets []recordSet, gone []dns.RR, come []dns.RR) error {
	update := new(dns.Msg)
	update.SetUpdate(dns.Fqdn(zone))
	if created != nil {
		record, err := created.any()
		if err != nil {
			return err
		}
		update.RRsetNotUsed([]dns.RR{record})
	}
	for _, set := range sets {
		record, err := set.any()
		if err != nil {
			return err
		}
		update.RemoveRRset([]dns.RR{record})
	}
	if len(gone) > 0 {
		update.Remove(gone)
	}
	if len(come) > 0 {
		update.Insert(come)
	}
	answer, err := exchange(update)
	if err != nil {
		return err
	}
	switch answer.Rcode {
	case dns.RcodeSuccess:
		return nil
	case dns.RcodeYXRrset:
		return errExists
	}
	return fmt.Errorf("the name server answers %s", dns.RcodeToString[answer.Rcode])
}

// ask gives the records under an owner and type as they are served.
func ask(owner, kind string) ([]dns.RR, error) {
	question := new(dns.Msg)
	question.SetQuestion(owner, dns.StringToType[kind])
	answer, err := exchange(question)
	if err != nil {
		return nil, err
	}
	var found []dns.RR
	for _, record := range answer.Answer {
		if record.Header().Rrtype == dns.StringToType[kind] {
			found = append(found, record)
		}
	}
	return found, nil
}
