/** The five categories as own drawings, 24 by 24, with their names for those who hear the page. */
import { html, svg, type TemplateResult } from 'lit';
import type { Category } from './shapes.ts';

const drawings: Readonly<Record<Category, TemplateResult>> = {
  identity: svg`<circle cx="12" cy="8" r="3.5"/><path d="M5 20c0-4 3-6.500 7-6.500s7 2.500 7 6.500"/>`,
  body: svg`<rect x="4" y="4" width="16" height="16" rx="4"/><path d="M8 9.500a5.500 5.500 0 0 1 8 0l-2.500 2.500h-3z"/>`,
  activity: svg`<path d="M8.500 4.500c1.800 0 2.800 1.800 2.500 4l-.5 4h-4l-.5-3.500c-.3-2.500.8-4.500 2.500-4.500zM7 15h3.500l-.3 2a1.700 1.700 0 0 1-3.200 0zM16 9c-1.800 0-2.800 1.600-2.500 3.800l.4 3.200h4l.4-3c.3-2.300-.7-4-2.300-4zM14 18.500h3.500l-.2 1.300a1.600 1.600 0 0 1-3 0z"/>`,
  environment: svg`<path d="M3 9h11a2.500 2.500 0 1 0-2.500-2.500M3 13h15a2.500 2.500 0 1 1-2.500 2.500M3 17h7a2 2 0 1 1-2 2"/>`,
  technical: svg`<rect x="7" y="7" width="10" height="10" rx="2"/><path d="M10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4"/>`,
};

const names: Readonly<Record<Category, string>> = {
  identity: 'Identity',
  body: 'Body',
  activity: 'Activity',
  environment: 'Environment',
  technical: 'Technical',
};

export const categoryName = (category: Category): string => names[category];

export const pictogram = (category: Category): TemplateResult =>
  html`<svg class="pictogram" viewBox="0 0 24 24" role="img" aria-label=${`Category: ${names[category]}`}>${drawings[category]}</svg>`;

/** Pictogram and name in one piece, for a row of them. */
export const categoryTag = (category: Category): TemplateResult =>
  html`<span class="tag">${pictogram(category)} ${categoryName(category)}</span>`;
