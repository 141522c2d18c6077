package main

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	sourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/miekg/dns"
)

var (
	replaces = []planmodifier.String{stringplanmodifier.RequiresReplace()}
	stays    = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	encoding = base32.StdEncoding.WithPadding(base32.NoPadding)
	quoted   = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	escaped  = regexp.MustCompile(`\\([0-7]{3}|.)`)
)

func route53ID(zone string) string {
	return "Z" + encoding.EncodeToString([]byte(strings.ToLower(strings.TrimSuffix(zone, "."))))
}

func route53Name(id string) (string, error) {
	name, err := encoding.DecodeString(strings.TrimPrefix(id, "Z"))
	if err != nil {
		return "", fmt.Errorf("NoSuchHostedZone: No hosted zone found with ID: %s", id)
	}
	return string(name), nil
}

// -- zones

type route53Zone struct{}

type zoneModel struct {
	ID           types.String `tfsdk:"id"`
	ZoneID       types.String `tfsdk:"zone_id"`
	Name         types.String `tfsdk:"name"`
	Comment      types.String `tfsdk:"comment"`
	ForceDestroy types.Bool   `tfsdk:"force_destroy"`
}

func (z *route53Zone) Metadata(_ context.Context, _ resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = "aws_route53_zone"
}

func (z *route53Zone) Schema(_ context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	answer.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":            schema.StringAttribute{Computed: true, PlanModifiers: stays},
		"zone_id":       schema.StringAttribute{Computed: true, PlanModifiers: stays},
		"name":          schema.StringAttribute{Required: true, PlanModifiers: replaces},
		"comment":       schema.StringAttribute{Optional: true},
		"force_destroy": schema.BoolAttribute{Optional: true},
	}}
}

func (z *route53Zone) Create(ctx context.Context, request resource.CreateRequest, answer *resource.CreateResponse) {
	var zone zoneModel
	answer.Diagnostics.Append(request.Plan.Get(ctx, &zone)...)
	if answer.Diagnostics.HasError() {
		return
	}
	found, err := ask(dns.Fqdn(zone.Name.ValueString()), "SOA")
	if err != nil || len(found) == 0 {
		answer.Diagnostics.AddError("creating Route53 Hosted Zone", "the test's name server has no such zone")
		return
	}
	zone.ID = types.StringValue(route53ID(zone.Name.ValueString()))
	zone.ZoneID = zone.ID
	answer.Diagnostics.Append(answer.State.Set(ctx, zone)...)
}

func (z *route53Zone) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (z *route53Zone) Update(ctx context.Context, request resource.UpdateRequest, answer *resource.UpdateResponse) {
	var zone zoneModel
	answer.Diagnostics.Append(request.Plan.Get(ctx, &zone)...)
	answer.Diagnostics.Append(answer.State.Set(ctx, zone)...)
}

func (z *route53Zone) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

type route53ZoneData struct{}

type zoneDataModel struct {
	ID     types.String `tfsdk:"id"`
	ZoneID types.String `tfsdk:"zone_id"`
	Name   types.String `tfsdk:"name"`
}

func (z *route53ZoneData) Metadata(_ context.Context, _ datasource.MetadataRequest, answer *datasource.MetadataResponse) {
	answer.TypeName = "aws_route53_zone"
}

func (z *route53ZoneData) Schema(_ context.Context, _ datasource.SchemaRequest, answer *datasource.SchemaResponse) {
	answer.Schema = sourceschema.Schema{Attributes: map[string]sourceschema.Attribute{
		"id":      sourceschema.StringAttribute{Computed: true},
		"zone_id": sourceschema.StringAttribute{Computed: true},
		"name":    sourceschema.StringAttribute{Required: true},
	}}
}

func (z *route53ZoneData) Read(ctx context.Context, request datasource.ReadRequest, answer *datasource.ReadResponse) {
	var zone zoneDataModel
	answer.Diagnostics.Append(request.Config.Get(ctx, &zone)...)
	zone.ID = types.StringValue(route53ID(zone.Name.ValueString()))
	zone.ZoneID = zone.ID
	answer.Diagnostics.Append(answer.State.Set(ctx, zone)...)
}

// -- records

type route53Record struct{}

type recordModel struct {
	ID             types.String `tfsdk:"id"`
	ZoneID         types.String `tfsdk:"zone_id"`
	Name           types.String `tfsdk:"name"`
	Type           types.String `tfsdk:"type"`
	TTL            types.Int64  `tfsdk:"ttl"`
	Records        types.Set    `tfsdk:"records"`
	AllowOverwrite types.Bool   `tfsdk:"allow_overwrite"`
	FQDN           types.String `tfsdk:"fqdn"`
}

func (r *route53Record) Metadata(_ context.Context, _ resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = "aws_route53_record"
}

func (r *route53Record) Schema(_ context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	answer.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":              schema.StringAttribute{Computed: true, PlanModifiers: stays},
		"zone_id":         schema.StringAttribute{Required: true, PlanModifiers: replaces},
		"name":            schema.StringAttribute{Required: true, PlanModifiers: replaces},
		"type":            schema.StringAttribute{Required: true},
		"ttl":             schema.Int64Attribute{Optional: true},
		"records":         schema.SetAttribute{Optional: true, ElementType: types.StringType},
		"allow_overwrite": schema.BoolAttribute{Optional: true},
		"fqdn":            schema.StringAttribute{Computed: true, PlanModifiers: stays},
	}}
}

func (m *recordModel) set(ctx context.Context) (recordSet, error) {
	zone, err := route53Name(m.ZoneID.ValueString())
	if err != nil {
		return recordSet{}, err
	}
	name := strings.ToLower(strings.TrimSuffix(m.Name.ValueString(), "."))
	if name != zone && !strings.HasSuffix(name, "."+zone) {
		name = strings.TrimPrefix(name+"."+zone, ".")
	}
	var texts []string
	m.Records.ElementsAs(ctx, &texts, false)
	made := recordSet{zone, name + ".", m.Type.ValueString(), m.TTL.ValueInt64(), nil}
	for _, text := range texts {
		value, err := route53Value(made.kind, text)
		if err != nil {
			return made, err
		}
		made.values = append(made.values, value)
	}
	return made, nil
}

func route53Value(kind, text string) (string, error) {
	if kind != "TXT" && kind != "SPF" {
		return withDot(kind, text), nil
	}
	for _, found := range quoted.FindAllStringSubmatch(`"`+text+`"`, -1) {
		if len(escaped.ReplaceAllString(found[1], "x")) > 255 {
			return "", fmt.Errorf("InvalidChangeBatch: [Invalid Resource Record: 'FATAL problem: "+
				"CharacterStringTooLong (Value is too long) encountered with '\"%s\"'']", text)
		}
	}
	return strings.ReplaceAll(`"`+text+`"`, `""`, `" "`), nil
}

func withDot(kind, value string) string {
	switch kind {
	case "CNAME", "MX", "NS", "SRV", "PTR":
		return dns.Fqdn(value)
	}
	return value
}

// written is how the provider tells a served record: a text without its outer quotes.
func written(record dns.RR) string {
	value := strings.TrimPrefix(record.String(), record.Header().String())
	if record.Header().Rrtype == dns.TypeTXT {
		return strings.ReplaceAll(strings.Trim(value, `"`), `" "`, `""`)
	}
	return value
}

func (m *recordModel) publish(ctx context.Context, old *recordModel) error {
	set, err := m.set(ctx)
	if err != nil {
		return err
	}
	records, err := set.records()
	if err != nil {
		return err
	}
	gone := []recordSet{set}
	created := &set
	if old != nil {
		created = nil
		before, err := old.set(ctx)
		if err != nil {
			return err
		}
		gone = append(gone, before)
	} else if m.AllowOverwrite.ValueBool() {
		created = nil
	}
	err = change(set.zone, created, gone, nil, records)
	if errors.Is(err, errExists) {
		return fmt.Errorf("InvalidChangeBatch: [Tried to create resource record set "+
			"[name='%s', type='%s'] but it already exists]", set.owner, set.kind)
	}
	m.FQDN = types.StringValue(strings.TrimSuffix(set.owner, "."))
	m.ID = types.StringValue(strings.Join(
		[]string{m.ZoneID.ValueString(), m.Name.ValueString(), m.Type.ValueString()}, "_"))
	return err
}

func (r *route53Record) Create(ctx context.Context, request resource.CreateRequest, answer *resource.CreateResponse) {
	var record recordModel
	answer.Diagnostics.Append(request.Plan.Get(ctx, &record)...)
	if answer.Diagnostics.HasError() {
		return
	}
	if err := record.publish(ctx, nil); err != nil {
		answer.Diagnostics.AddError("creating Route53 Record", err.Error())
		return
	}
	answer.Diagnostics.Append(answer.State.Set(ctx, record)...)
}

func (r *route53Record) Update(ctx context.Context, request resource.UpdateRequest, answer *resource.UpdateResponse) {
	var old, record recordModel
	answer.Diagnostics.Append(request.State.Get(ctx, &old)...)
	answer.Diagnostics.Append(request.Plan.Get(ctx, &record)...)
	if answer.Diagnostics.HasError() {
		return
	}
	if err := record.publish(ctx, &old); err != nil {
		answer.Diagnostics.AddError("updating Route53 Record", err.Error())
		return
	}
	answer.Diagnostics.Append(answer.State.Set(ctx, record)...)
}

func (r *route53Record) Delete(ctx context.Context, request resource.DeleteRequest, answer *resource.DeleteResponse) {
	var record recordModel
	answer.Diagnostics.Append(request.State.Get(ctx, &record)...)
	set, err := record.set(ctx)
	if err == nil {
		err = change(set.zone, nil, []recordSet{set}, nil, nil)
	}
	if err != nil {
		answer.Diagnostics.AddError("deleting Route53 Record", err.Error())
	}
}

// Read asks the name server: what others changed there is seen, as with the vendor.
func (r *route53Record) Read(ctx context.Context, request resource.ReadRequest, answer *resource.ReadResponse) {
	var record recordModel
	answer.Diagnostics.Append(request.State.Get(ctx, &record)...)
	set, err := record.set(ctx)
	if err != nil {
		answer.Diagnostics.AddError("reading Route53 Record", err.Error())
		return
	}
	found, err := ask(set.owner, set.kind)
	if err != nil {
		answer.Diagnostics.AddError("reading Route53 Record", err.Error())
		return
	}
	if len(found) == 0 {
		answer.State.RemoveResource(ctx)
		return
	}
	texts := record.kept(ctx, found)
	values, diagnostics := types.SetValueFrom(ctx, types.StringType, texts)
	answer.Diagnostics.Append(diagnostics...)
	record.Records = values
	record.TTL = types.Int64Value(int64(found[0].Header().Ttl))
	record.FQDN = types.StringValue(strings.TrimSuffix(set.owner, "."))
	answer.Diagnostics.Append(answer.State.Set(ctx, record)...)
}

// kept gives the served records in the user's own spelling where it means the same: the vendor
// keeps what it was given, while a name server keeps its meaning.
func (m *recordModel) kept(ctx context.Context, found []dns.RR) []string {
	var old, texts []string
	m.Records.ElementsAs(ctx, &old, false)
	for _, record := range found {
		text := written(record)
		for _, each := range old {
			value, err := route53Value(m.Type.ValueString(), each)
			if err != nil {
				continue
			}
			set := recordSet{"", record.Header().Name, m.Type.ValueString(), int64(record.Header().Ttl), []string{value}}
			if same, err := set.records(); err == nil && dns.IsDuplicate(same[0], record) {
				text = each
			}
		}
		texts = append(texts, text)
	}
	return texts
}

func (r *route53Record) ImportState(ctx context.Context, request resource.ImportStateRequest, answer *resource.ImportStateResponse) {
	zone, rest, _ := strings.Cut(request.ID, "_")
	at := strings.LastIndex(rest, "_")
	if at < 0 {
		answer.Diagnostics.AddError("importing Route53 Record", "the id is ZONEID_NAME_TYPE")
		return
	}
	record := recordModel{
		ID:      types.StringValue(request.ID),
		ZoneID:  types.StringValue(zone),
		Name:    types.StringValue(rest[:at]),
		Type:    types.StringValue(rest[at+1:]),
		Records: types.SetNull(types.StringType),
	}
	answer.Diagnostics.Append(answer.State.Set(ctx, record)...)
}
